import { z } from 'zod';
import { APPROVAL_STATUSES } from '../../../domain/index.ts';
import { id, instant, labels, next, number } from './common.ts';
import { named, reply, told } from './names.ts';

export const approval = named(
  'Approval',
  () =>
    z.object({
      id: number,
      status: z.enum(APPROVAL_STATUSES),
      tool: z.string(),
      chatId: id,
      askedAt: instant,
      decidedBy: told(z.string(), 'A person’s id, or `operator`').exactOptional(),
      input: told(z.unknown(), 'What the tool would get'),
      arguments: told(z.string(), 'The same as JSON text in which every character shows'),
      directory: told(z.string(), 'The directory to which the call is held'),
      digest: told(z.string(), 'SHA-256 of the call, in hexadecimal'),
      agent: z.string(),
      requestedBy: z.object({ id, username: z.string().exactOptional() }),
      labels: told(labels, 'What led to the call'),
      reason: told(z.string(), 'Why it is asked'),
      promiseId: told(number, 'The promise that waits for it'),
      messageId: id.exactOptional(),
      costUsd: told(z.number(), 'What the call costs at the most, where a price is known').exactOptional(),
      expiresAt: instant,
      decidedAt: instant.exactOptional(),
      endedAt: instant.exactOptional(),
      outcome: z.string().exactOptional(),
      isUnknown: told(z.literal(true), 'The call has begun, and nobody can tell whether it took effect').exactOptional(),
    }),
  'One exact call of a tool, and who said yes or no to it.',
);
export const approvals = reply(() => z.object({ approvals: z.array(approval()), next }));
