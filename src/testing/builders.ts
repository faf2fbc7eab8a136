import {
  type AccessPolicy,
  type ActiveSchedule,
  type AgentPromise,
  type Approval,
  type ApprovedCall,
  type AuditFact,
  approvalId,
  askedMessage,
  type ChatId,
  type ChatKind,
  type ConversationEntry,
  DEFAULT_PROMISE_AGENT,
  DEFAULT_RETRY,
  type Decision,
  digestOf,
  type Fact,
  factId,
  type InboxMessage,
  type IncomingMessage,
  isSettled,
  type Link,
  makePromise,
  makeSchedule,
  makeTurnDraft,
  NO_USAGE,
  type OutboxDraft,
  type PromiseCommand,
  type PromiseId,
  type PromiseSpec,
  promiseId,
  type Run,
  readLink,
  runId,
  type ScheduleSpec,
  scheduleId,
  type Turn,
  type TurnDraft,
  transition,
  turnId,
  type Workspace,
} from '../domain/index.ts';
import { present } from '../domain/shared/present.ts';
import type { PromiseQueries, PromiseStore, Tool, WorkResult } from '../ports/index.ts';
import { telegramChat, telegramMessage, telegramUser } from './ids.ts';

/** When everything built here happened, unless told otherwise: 2026-11-22T12:00:00.000Z. */
export const START = Date.UTC(2026, 10, 22, 12);

/** That person 501 asked something in chat 501, at `START`, unless told otherwise. */
export const buildAuditFact = (overrides: Partial<AuditFact> = {}): AuditFact => ({
  at: START,
  kind: 'asked',
  actor: telegramUser(501),
  facts: { chatId: telegramChat(501) },
  ...overrides,
});

/** A message's fields; its chat by id and kind, or whole. */
export type MessageOverrides = Partial<IncomingMessage> & { readonly chatId?: ChatId; readonly chatKind?: ChatKind };

/** A direct message from person 501, number 1, unless told otherwise. */
export const buildMessage = ({ chatId, chatKind, ...overrides }: MessageOverrides = {}): IncomingMessage => ({
  chat: { id: chatId ?? telegramChat(501), kind: chatKind ?? 'direct' },
  messageId: telegramMessage(1),
  sender: { id: telegramUser(501), username: 'ada', displayName: 'Ada', kind: 'person' },
  text: 'When does the train leave?',
  sentAt: START,
  ...overrides,
});

/** A run over message 1 of chat 501 that began at `START`, unless told otherwise. */
export const buildRun = (id: string, overrides: Partial<Omit<Run, 'id'>> = {}): Run => ({
  id: runId(id),
  chatId: telegramChat(501),
  agent: 'telegram_chat_agent',
  startedAt: START,
  asked: [askedMessage(buildMessage())],
  ...overrides,
});

/** A message that was allowed in and waits for its answer, unless told otherwise. */
export const buildRecord = (message: MessageOverrides = {}, overrides: Partial<Omit<InboxMessage, 'message'>> = {}): InboxMessage => ({
  message: buildMessage(message),
  receivedAt: START + 5,
  replyKey: 'reply-1',
  access: { allowed: true, rule: 'whitelisted-user-id', path: 'dm_whitelist.allowed_user_ids.501' },
  response: { action: 'answer', rule: 'direct-message' },
  ...overrides,
});

/** A promise just made: pending and due at once, or waiting when it depends on others. */
export const buildPromise = ({ dueAt, ...terms }: Partial<PromiseSpec> & { readonly dueAt?: number } = {}): AgentPromise =>
  makePromise({
    id: promiseId(1),
    chatId: telegramChat(501),
    chatKind: 'direct',
    messageId: telegramMessage(1),
    requestedBy: { id: telegramUser(501), username: 'ada' },
    description: 'Compare the three timetables',
    agent: DEFAULT_PROMISE_AGENT,
    taskType: 'analysis',
    tenant: 'telegram:501',
    priority: 5,
    dependsOn: [],
    retry: DEFAULT_RETRY,
    metadata: {},
    createdAt: Math.min(START, dueAt ?? START),
    ...present({ notBefore: dueAt }),
    ...terms,
  });

/** The promise after `commands`. Throws when one of them is refused. */
export const promiseAfter = (promise: AgentPromise, ...commands: readonly PromiseCommand[]): AgentPromise =>
  commands.reduce((state, command) => {
    const next = transition(state, command);
    if (!next.ok) throw new Error(`${command.type}: ${next.error.message}`);
    return next.value;
  }, promise);

/** Carries out commands on a stored promise, as one change. Rejects when one of them is refused. */
export const carryOut = (
  promises: Pick<PromiseStore, 'update'>,
  id: PromiseId,
  ...commands: readonly PromiseCommand[]
): Promise<readonly AgentPromise[]> => promises.update([id], (stored) => promiseAfter(stored, ...commands));

/** Settled promises whose outcome has not reached its chat, newest first. */
export const undelivered = async (promises: Pick<PromiseQueries, 'find'>, limit: number): Promise<readonly AgentPromise[]> => {
  const settled = await promises.find({ statuses: ['completed', 'failed', 'cancelled'], newestFirst: true, limit: 1_000 });
  return settled.filter((promise) => isSettled(promise) && promise.deliveredAt === undefined).slice(0, limit);
};

/** A schedule that ticks every day at nine in Berlin, unless told otherwise. */
export const buildSchedule = (terms: Partial<ScheduleSpec> = {}, nextAt: number = START): ActiveSchedule =>
  makeSchedule(
    {
      id: scheduleId(1),
      chatId: telegramChat(501),
      chatKind: 'direct',
      messageId: telegramMessage(1),
      requestedBy: { id: telegramUser(501), username: 'ada' },
      description: 'Compare the three timetables',
      agent: DEFAULT_PROMISE_AGENT,
      taskType: 'analysis',
      tenant: 'telegram:501',
      priority: 5,
      retry: DEFAULT_RETRY,
      cron: '0 9 * * *',
      timeZone: 'Europe/Berlin',
      createdAt: START,
      ...terms,
    },
    nextAt,
  );

/** An approval that waits for a decision on a call in chat 501, unless told otherwise. Its digest fits its call. */
export const buildApproval = ({
  call,
  ...overrides
}: Partial<Omit<Approval, 'call'>> & { readonly call?: Partial<ApprovedCall> } = {}): Approval => {
  const asked = { tool: 'mcp__tracker__close', input: { number: 7 }, directory: '/srv/ada', chatId: telegramChat(501), ...call };
  return {
    id: approvalId(1),
    call: asked,
    chatKind: 'direct',
    digest: digestOf(asked),
    promiseId: promiseId(1),
    agent: 'telegram_chat_agent',
    messageId: telegramMessage(1),
    requestedBy: { id: telegramUser(501), username: 'ada' },
    labels: [],
    reason: 'It acts.',
    token: String(1_000_001),
    askedAt: START,
    expiresAt: START + 86_400_000,
    status: 'asked',
    ...overrides,
  };
};

/** What a turn has decided so far: nothing, unless told otherwise. */
export const buildDraft = (...decisions: readonly Decision[]): TurnDraft => makeTurnDraft(decisions);

/** A message to send to chat 501, unless told otherwise. */
export const buildOutboxDraft = (overrides: Partial<OutboxDraft> = {}): OutboxDraft => ({
  chatId: telegramChat(501),
  text: 'It leaves at 9:41.',
  answers: [telegramMessage(1)],
  dedupeKey: 'turn:t1',
  deliveryKey: 'answer-1',
  createdAt: START,
  ...overrides,
});

/** What a person said in chat 501, unless told otherwise. */
export const buildEntry = (text: string, overrides: Partial<ConversationEntry> = {}): ConversationEntry => ({
  chatId: telegramChat(501),
  at: START,
  step: { role: 'person', name: 'Ada', text },
  ...overrides,
});

/** What Ada, person 501, said about herself in chat 501, unless told otherwise. */
export const buildFact = (overrides: Partial<Fact> = {}): Fact => ({
  id: factId(1),
  text: 'Takes the early train',
  saidBy: { id: telegramUser(501), name: 'Ada' },
  chatId: telegramChat(501),
  messageId: telegramMessage(1),
  saidAt: START,
  ...overrides,
});

/** A link that is message 1 of Ada in chat 501, unless told otherwise. */
export const buildLink = (url: string, overrides: Partial<Link> = {}): Link => {
  const read = readLink(url);
  if (!read) throw new Error(`${url} is no link`);
  return {
    ...read,
    tenant: 'telegram:501',
    savedBy: { id: telegramUser(501), name: 'Ada' },
    chatId: telegramChat(501),
    messageId: telegramMessage(1),
    savedAt: START,
    ...overrides,
  };
};

export const buildTurn = (overrides: Partial<Turn> = {}): Turn => ({
  id: turnId('t1'),
  chatId: telegramChat(501),
  agent: 'telegram_chat_agent',
  model: 'scripted-1',
  startedAt: START,
  endedAt: START + 1_200,
  outcome: 'answered',
  usage: { ...NO_USAGE, inputTokens: 100, outputTokens: 20 },
  toolCalls: 0,
  ...overrides,
});

/** A tool that reads and says `ok`, unless told otherwise. */
export const buildTool = (overrides: Partial<Tool> & Pick<Tool, 'name'>): Tool => ({
  description: `Tool ${overrides.name}.`,
  inputSchema: { type: 'object' },
  effect: 'reads',
  activity: `using ${overrides.name}`,
  timeoutMs: 30_000,
  run: async () => ({ output: 'ok', isError: false }),
  ...overrides,
});

/** What the work on a promise came to: a text that cost nothing. */
export const workResult = (text: string): WorkResult => ({ text, usage: NO_USAGE });

/** A workspace with one group, unless told otherwise. */
export const buildWorkspace = (overrides: Partial<Workspace> = {}): Workspace => ({
  name: 'Railway',
  aliases: ['trains'],
  description: 'Timetables',
  type: 'software',
  directory: '/srv/railway',
  chatIds: [GROUP],
  isDevGroup: false,
  ...overrides,
});

/** The group of `buildWorkspace`. */
export const GROUP: ChatId = telegramChat(-1_001_234_567_890);

/** One workspace; person 501 listed by id, `@grace` by username. */
export const buildPolicy = (overrides: Partial<AccessPolicy> = {}): AccessPolicy => ({
  workspaces: [buildWorkspace()],
  whitelist: {
    userIds: new Map([[telegramUser(501), { description: 'Ada', directory: '/srv/ada', path: 'dm_whitelist.allowed_user_ids.501' }]]),
    usernames: new Map([['telegram:grace', { description: 'Grace', path: 'dm_whitelist.allowed_users.grace' }]]),
    defaultDirectory: '/srv/default',
  },
  ...overrides,
});
