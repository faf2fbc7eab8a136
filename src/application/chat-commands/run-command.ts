import { type ChatId, isLocalChat } from '../../domain/chat/ids.ts';
import { originOf } from '../../domain/message/access.ts';
import { type Command, type CommandName, nearestCommand, type UnknownCommand } from '../../domain/message/command.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { roleOf } from '../../domain/rights/decide-right.ts';
import { type AccessPolicy, scopeOf } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import type { StatusBoard } from '../presence/status-board.ts';
import { makeApprovalCommands } from './approval-commands.ts';
import type { CommandReply } from './command-reply.ts';
import { makeMemoryCommands } from './memory-commands.ts';
import { makePromiseCommands } from './promise-commands.ts';
import { refusedRight } from './refused-right.ts';
import { HELP, START } from './texts.ts';
import { makeTellUsage } from './usage.ts';
import { makeWhy } from './why.ts';

export type RunCommand = (command: Command | UnknownCommand, record: InboxMessage) => Promise<CommandReply>;

type Answer = (argument: string, record: InboxMessage) => CommandReply | Promise<CommandReply>;

/**
 * Answers what needs no model: the same words for every gateway. `/stop` is the turn's own affair, and comes here
 * never.
 */
export const makeRunCommand = (deps: {
  readonly stores: Pick<
    Stores,
    'promises' | 'schedules' | 'turns' | 'facts' | 'links' | 'messages' | 'outbox' | 'journal' | 'approvals' | 'ledger'
  >;
  readonly policy: AccessPolicy;
  readonly statusLine: () => Promise<string>;
  /** Absent where no chat has one. */
  readonly board?: Pick<StatusBoard, 'isIn' | 'ask'> | undefined;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Whose clocks `/promises` goes by; UTC unless told. */
  readonly timeZone?: string;
}): RunCommand => {
  const promises = makePromiseCommands(deps);
  const memory = makeMemoryCommands(deps);
  const approvals = makeApprovalCommands(deps);
  const tellUsage = makeTellUsage({ turns: deps.stores.turns, ledger: deps.stores.ledger, clock: deps.clock });
  const answers: Readonly<Record<CommandName, Answer>> = {
    start: () => START,
    help: () => HELP,
    ping: async (nonce) => `${['pong', ...(/^[\w-]{1,64}$/.test(nonce) ? [nonce] : [])].join(' ')}: ${await deps.statusLine()}`,
    status: async (_, { message: { chat } }) => {
      const line = `Kept is ${await deps.statusLine()}`;
      if (!deps.board?.isIn(chat.id)) return line;
      await deps.board.ask();
      return `${line}\nA message of its own, pinned where I may, keeps this up to date here.`;
    },
    new: (_, record) => {
      const chatId = record.message.chat.id;
      const begin: CommandReply = async ({ conversations }) => {
        await conversations.forget(chatId);
        return newConversation(chatId);
      };
      return refusedRight(deps.policy, record, 'begin-anew') ?? begin;
    },
    promises: (
      _,
      {
        message: {
          chat: { id: chatId },
        },
      },
    ) => promises.list(chatId),
    cancel: promises.cancel,
    retry: promises.retry,
    stop: () => 'Nothing is running in this chat.',
    whoami: (_, record) => whoIs(deps.policy, record),
    usage: (_, record) => {
      const refused = refusedRight(deps.policy, record, 'see-usage');
      return refused ?? tellUsage(record.message.chat.id);
    },
    memory: (_, record) => memory.show(record),
    forget: (argument, record) => memory.forget(argument, record),
    approve: approvals('approve'),
    deny: approvals('deny'),
    why: makeWhy(deps),
  };
  return async ({ name, argument }, record) => (name === 'unknown' ? noSuchCommand(argument) : answers[name](argument, record));
};

/** Messages of a local chat can't be deleted. */
const newConversation = (chatId: ChatId): string =>
  [
    'A new conversation begins: what was said here before is not shown to me any more.',
    'It stays stored, and I find it where I search this chat.',
    ...(isLocalChat(chatId) ? [] : ['A message that you delete in this chat is removed for good.']),
    'Facts and links (/memory) and promises (/promises) stay.',
  ].join(' ');

const noSuchCommand = (typed: string): string => {
  if (typed === '/') return 'Which command? /help lists them.';
  const meant = nearestCommand(typed);
  return `No such command: ${typed.split(' ')[0]}.${meant === undefined ? '' : ` Do you mean ${meant}?`} /help lists them.`;
};

/** The role of who writes, and what it comes from; nothing where the configuration gives nobody a role. */
const roleWords = (policy: AccessPolicy, message: InboxMessage['message']): readonly string[] => {
  const { people, workspaces } = policy;
  if (!people && workspaces.every(({ roles }) => !roles)) return [];
  if (message.sender.kind === 'operator') return ['Role: operator, who may do everything.'];
  const { role, path } = roleOf(policy, originOf(message));
  return [role === undefined ? `Role: member, as ${path} does not name you.` : `Role: ${role}, set at ${path}.`];
};

/** What the process knows of who writes, and by which rule they are let in. */
const whoIs = (policy: AccessPolicy, { message, access }: InboxMessage): string => {
  const { chat, sender } = message;
  const { workspace } = scopeOf(policy, originOf(message));
  const name = sender.username === undefined ? (sender.displayName ?? 'without a username') : `@${sender.username}`;
  return [
    // The person at this machine has no id that means anything elsewhere.
    sender.kind === 'operator' ? `You: ${name}, at this machine.` : `You: ${name}, id ${sender.id}.`,
    `Chat: ${chat.id}, ${chat.kind === 'group' ? 'a group' : 'a direct conversation'}${workspace === undefined ? '' : `, workspace ${workspace}`}.`,
    `Allowed by rule ${access.rule}, set at ${access.path}.`,
    ...roleWords(policy, message),
  ].join('\n');
};
