import { z } from 'zod';
import { id, instant, next, number } from './common.ts';
import { named, reply, told } from './names.ts';

export const message = named(
  'Message',
  () =>
    z.object({
      messageId: id,
      sequence: told(number, 'Its place in the chat: a later message has a higher one'),
      chatId: id,
      from: z.enum(['operator', 'agent']),
      text: z.string(),
      replyTo: id.exactOptional(),
      answers: told(z.array(id), 'The messages that this one answers').exactOptional(),
      at: instant,
      approvalId: told(number, 'The approval that its card asks for').exactOptional(),
    }),
  'A message of a local chat.',
);
export const messages = reply(() => z.object({ messages: z.array(message()), next }));
export const posted = reply(() => z.object({ chatId: id, messageId: id }));
export const verdict = named(
  'Verdict',
  () =>
    z.object({
      chatId: id,
      messageId: id,
      verdict: z.enum(['answered', 'failed', 'ignored', 'remembered', 'denied']),
      reason: told(z.string(), 'Of `failed`: why').exactOptional(),
    }),
  'What became of a message.',
);
export const draft = named('Draft', () => z.object({ text: z.string() }), 'A growing answer so far; empty when it is over.');
