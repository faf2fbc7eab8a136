import { readFileSync } from 'node:fs';
import type { Config } from '../config/index.ts';
import { present } from '../domain/shared/present.ts';

/** How a command asks the bot that runs beside it: with its token, and knowing its certificate. */
export const ownServer = ({ http: { apiToken, tls } }: Pick<Config, 'http'>, baseUrl: string) => ({
  baseUrl,
  ...present({ token: apiToken, certificate: tls && baseUrl.startsWith('https:') ? readFileSync(tls.certFile) : undefined }),
});
