import { makeRedactor } from '../adapters/redaction/index.ts';
import type { Config } from '../config/index.ts';
import { madeFrom } from './live-config.ts';

/** Takes out the secrets of the configuration, and those that come to it later. */
export const redactorOf = (config: Pick<Config, 'secrets'>): ReturnType<typeof makeRedactor> => {
  const now = madeFrom(
    () => [config.secrets] as const,
    () => makeRedactor(config.secrets),
  );
  return Object.assign((text: string): string => now()(text), { growing: (text: string): string => now().growing(text) });
};
