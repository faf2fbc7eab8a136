import { z } from 'zod';
import type { HealthReport } from '../../domain/index.ts';
import { PortError } from '../../ports/index.ts';
import { makeSend } from './http-request.ts';

const check = z.object({
  id: z.string(),
  status: z.enum(['ok', 'warn', 'fail', 'skipped']),
  message: z.string().default(''),
  where: z.string().exactOptional(),
  fixHint: z.string().exactOptional(),
});
const report = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  checks: z.array(check).default([]),
});

/** A server that takes longer is not well. */
const ANSWER_MS = 5_000;
/** The longest that it may ask others, and a little more. */
const WHOLE_MS = 12_000;

export interface HealthRequest {
  readonly baseUrl: string;
  readonly token?: string;
  /** Also what it has to ask others for. */
  readonly whole?: boolean;
}

/** The health that a running Kept reports; only the status without the token. Rejects with PortError. */
export const requestHealth = async ({ whole = false, ...server }: HealthRequest): Promise<HealthReport> => {
  const send = makeSend(server);
  const told = whole ? await send('api/health', { signal: AbortSignal.timeout(WHOLE_MS) }) : undefined;
  // Without the token, or of a Kept that knows no more.
  const response = told?.ok ? told : await send('health', { signal: AbortSignal.timeout(ANSWER_MS) });
  const reply = report.safeParse(await response.json().catch(() => undefined));
  if (reply.success) return reply.data;
  throw new PortError('malformed-reply', `${server.baseUrl} answered what this program does not understand: is it a Kept server?`, {
    retryable: false,
    cause: reply.error,
  });
};
