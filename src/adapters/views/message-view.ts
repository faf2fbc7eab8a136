import { present } from '../../domain/shared/present.ts';
import type { TranscriptMessage } from '../../ports/index.ts';
import { iso } from './iso.ts';

/** A message as JSON; times are ISO 8601 in UTC. */
export const messageView = ({ messageId, sequence, chatId, from, text, replyTo, answers, at }: TranscriptMessage) => ({
  messageId,
  sequence,
  chatId,
  from,
  text,
  ...present({ replyTo }),
  ...(answers.length === 0 ? {} : { answers }),
  at: iso(at),
});
