import { z } from 'zod';
import type { PingReports } from '../../domain/index.ts';
import { PortError } from '../../ports/index.ts';
import { type Asked, makeSend, readReply } from './http-request.ts';

const report = z.object({ ms: z.number().exactOptional(), detail: z.string() });
const reports = z.object({ local: report, telegram: report.exactOptional() });

/** Lets a running Kept ping itself. Rejects with PortError: `invalid-request` where it does not answer people now. */
export const requestSelfPing = async (server: Asked): Promise<PingReports> => {
  const response = await makeSend(server)('api/self-ping', { body: {}, signal: AbortSignal.timeout(30_000) });
  const reply = await readReply(response, reports);
  if (!reply.ok) throw new PortError('invalid-request', reply.error.message, { retryable: false });
  return reply.value;
};
