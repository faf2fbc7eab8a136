import { type ApprovalId, readButton } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { TranscriptMessage } from '../../ports/index.ts';
import { iso } from './iso.ts';

/** A message as JSON; times are ISO 8601 in UTC. */
export const messageView = ({ messageId, sequence, chatId, from, text, replyTo, answers, at, buttons }: TranscriptMessage) => ({
  messageId,
  sequence,
  chatId,
  from,
  text,
  ...present({ replyTo }),
  ...(answers.length === 0 ? {} : { answers }),
  at: iso(at),
  ...present({ approvalId: approvalOf(buttons) }),
});

/** The approval that the buttons below a message decide on. What they carry is for the bot alone. */
const approvalOf = (buttons: TranscriptMessage['buttons'] = []): ApprovalId | undefined =>
  buttons.map(({ data }) => readButton(data)?.id).find((id) => id !== undefined);
