import { z } from 'zod';
import type { HealthReport } from '../../domain/index.ts';
import { PortError, type ProbeDepth } from '../../ports/index.ts';
import { type Asked, makeSend } from './http-request.ts';

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

/** A server that takes longer is not well: the longest that it may ask others, and a little more. */
export const HEALTH_ANSWER_MS: Readonly<Record<ProbeDepth, number>> = { local: 5_000, cheap: 12_000, deep: 35_000 };

export interface HealthRequest extends Asked {
  /** How far it is to look. */
  readonly depth: ProbeDepth;
}

/** The health that a running Kept reports; only the status without the token. Rejects with PortError. */
export const requestHealth = async ({ depth, ...server }: HealthRequest): Promise<HealthReport> => {
  const send = makeSend(server);
  const path = depth === 'local' ? undefined : `api/health?deep=${depth === 'deep'}`;
  const told = path === undefined ? undefined : await send(path, { signal: AbortSignal.timeout(HEALTH_ANSWER_MS[depth]) });
  // Without the token, or of a Kept that knows no more.
  const response = told?.ok ? told : await send('health', { signal: AbortSignal.timeout(HEALTH_ANSWER_MS.local) });
  const reply = report.safeParse(await response.json().catch(() => undefined));
  if (reply.success) return reply.data;
  throw new PortError('malformed-reply', `${server.baseUrl} answered what this program does not understand: is it a Kept server?`, {
    retryable: false,
    cause: reply.error,
  });
};
