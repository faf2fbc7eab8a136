import { z } from 'zod';
import { named, told } from './names.ts';

const status = () => z.enum(['healthy', 'degraded', 'unhealthy']);
const check = named(
  'HealthCheck',
  () =>
    z.object({
      id: told(z.string(), '`area.name`; stable from version to version'),
      status: z.enum(['ok', 'warn', 'fail', 'skipped']),
      message: z.string(),
      where: told(z.string(), 'A file, variable, address or chat').exactOptional(),
      fixHint: z.string().exactOptional(),
    }),
  'One thing that was looked at.',
);

/** Without the token, where one is set: the status alone. */
export const health = named(
  'Health',
  () =>
    z.object({
      status: status(),
      version: z.string().exactOptional(),
      pid: z.int().exactOptional(),
      uptimeMs: z.number().exactOptional(),
      model: z.string().exactOptional(),
      storage: z.string().exactOptional(),
      checks: z.array(check()).exactOptional(),
    }),
  'Whether the process lives. Without the token, where one is set: the status alone.',
);
export const liveness = () => z.object({ status: z.literal('healthy') });
export const readiness = named(
  'Readiness',
  () => z.object({ ready: z.boolean(), reasons: z.array(z.string()).exactOptional() }),
  'Whether the process can answer people and store. Without the token, where one is set: without reasons.',
);
export const checks = named('Checks', () => z.object({ status: status(), checks: z.array(check()) }), 'Every check of this process.');

const ping = () => z.object({ ms: told(z.number(), 'The round trip; absent where it failed').exactOptional(), detail: z.string() });
export const pings = named(
  'Pings',
  () => z.object({ local: ping(), telegram: ping().exactOptional() }),
  'What came of a self-ping, by road.',
);
