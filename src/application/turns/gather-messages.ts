import { deniedFact } from '../../domain/audit/facts.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import { fitConversation } from '../../domain/conversation/conversation.ts';
import { decideAccess } from '../../domain/message/access.ts';
import { type Command, commandIn, type UnknownCommand } from '../../domain/message/command.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { mayStop, mayStopAll } from '../../domain/rights/decide-right.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { asEntry } from '../agents/as-entry.ts';
import { type MovedChats, NONE_MOVED } from '../chats/moved-chats.ts';

/** The most messages of one turn; the others wait for the next. */
const MAX_GATHERED = 50;
/** How many waiting messages are searched for a `/stop`, the only command that overtakes others. */
const MAX_SCANNED = 200;

export interface Waiting {
  /** Messages that a `/stop` ended, which is the last of them: nobody answers them any more. */
  readonly stopped: readonly InboxMessage[];
  /** One of these ends whatever was asked before it; a guest's ends what the guest asked for. */
  readonly stopsAll: boolean;
  readonly commands: readonly { readonly record: InboxMessage; readonly command: Command | UnknownCommand }[];
  /** Messages for the agent, up to the next command: as many as a model can be shown at once, and at least one. */
  readonly questions: readonly InboxMessage[];
}

/**
 * The messages that the next turn of a chat answers, oldest first (rule 7). Messages that are no longer allowed,
 * because the configuration has changed since they came, are settled as denied and not answered.
 */
export const makeGatherMessages = (deps: {
  readonly stores: Pick<Stores, 'messages'>;
  readonly unitOfWork: UnitOfWork;
  readonly policy: AccessPolicy;
  readonly clock: Clock;
  readonly events: Events;
  readonly maxTokens: number;
  readonly moved?: Pick<MovedChats, 'idsOf'>;
}) => {
  const { moved = NONE_MOVED } = deps;
  return async (home: ChatId): Promise<Waiting> => {
    const allowed: InboxMessage[] = [];
    const waiting: InboxMessage[] = [];
    for (const id of moved.idsOf(home)) waiting.push(...(await deps.stores.messages.open(id, MAX_SCANNED)));
    for (const record of waiting) {
      const {
        chat: { id: chatId },
        messageId,
        sender,
      } = record.message;
      const access = decideAccess(deps.policy, record.message);
      // No configuration has let in what the agent says to itself.
      if (access.allowed || record.access.rule === 'self-ping') {
        allowed.push(record);
        continue;
      }
      const at = deps.clock.now();
      await deps.unitOfWork.run(async ({ messages, audit }) => {
        await messages.settle(chatId, [messageId], { kind: 'denied' });
        await audit.add([deniedFact(record.message, access, { at })]);
      });
      deps.events.emit({
        type: 'message-denied',
        chatId,
        messageId,
        senderId: sender.id,
        rule: access.rule,
        path: access.path,
        at: 'turn',
      });
    }
    return sorted(allowed, deps);
  };
};

const sorted = (
  records: readonly InboxMessage[],
  { policy, maxTokens }: { readonly policy: AccessPolicy; readonly maxTokens: number },
): Waiting => {
  const asked = records.map((record) => ({ record, command: commandIn(record.message) }));
  const stops = asked.flatMap(({ record, command }, at) => (command?.name === 'stop' ? [{ at, by: record.message }] : []));
  const isStopped = (record: InboxMessage, at: number): boolean =>
    stops.some((stop) => at <= stop.at && mayStop(policy, stop.by, record.message.sender.id));
  const stopped: InboxMessage[] = [];
  const commands: { readonly record: InboxMessage; readonly command: Command | UnknownCommand }[] = [];
  const questions: InboxMessage[] = [];
  for (const [at, { record, command }] of asked.entries()) {
    if (command?.name === 'stop' || (!command && isStopped(record, at))) stopped.push(record);
    // Its text is not complete yet: the chat waits for it.
    else if (record.message.attachments) break;
    else if (!command && isOfOneChat(record, questions)) questions.push(record);
    else if (command && questions.length === 0) commands.push({ record, command });
    else break;
  }
  let count = Math.min(questions.length, MAX_GATHERED);
  while (count > 1 && !fitTogether(questions.slice(0, count), maxTokens)) count--;
  const stopsAll = stops.some(({ by }) => mayStopAll(policy, by));
  return { stopped, stopsAll, commands, questions: questions.slice(0, count) };
};

/** A turn replies to one message, so all of its messages are of one chat. */
const isOfOneChat = ({ message }: InboxMessage, [first]: readonly InboxMessage[]): boolean =>
  first === undefined || first.message.chat.id === message.chat.id;

const fitTogether = (records: readonly InboxMessage[], maxTokens: number): boolean =>
  fitConversation(
    records.map(({ message }) => asEntry(message).step),
    { maxSteps: records.length, maxTokens },
  ).length === records.length;
