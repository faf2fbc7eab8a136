import { CHAT_AGENT } from '../../../src/application/index.ts';
import { type AccessPolicy, type AgentPromise, type Approval, approvalId, NO_USAGE, type UserId } from '../../../src/domain/index.ts';
import type { DecidedBy, LanguageModel, Tool } from '../../../src/ports/index.ts';
import { buildMessage, buildPolicy, buildTool, buildWorkspace, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { makeLifetime, type ProcessLifetime } from '../crashes/process-lifetime.ts';
import { advance, makeProcess, makeWorld, type ProcessOptions } from '../support/harness.ts';

export const ADA = telegramUser(501);
export const GRACE = telegramUser(502);
export const DIRECT = telegramChat(501);
export const DAY = 86_400_000;

/** Calls `send` at first, then answers; in a promise it works on, it sends once, and says what came of that. */
const sendingModel = (input: unknown = { to: 'Bob' }): LanguageModel => ({
  name: 'town/sender-1',
  respond: async ({ conversation, tools }) => {
    const isPromise = tools.some(({ name }) => name === 'report_failure');
    const place = isPromise ? 0 : conversation.findLastIndex(({ role }) => role === 'person');
    const results = conversation.slice(place).flatMap((step) => (step.role === 'tool' ? [step.output] : []));
    const mayCall = tools.some(({ name }) => name === 'send');
    const toolCalls = mayCall && results.length === 0 ? [{ id: 'c1', tool: 'send', input }] : [];
    return {
      text: results[0] ?? 'Hello.',
      toolCalls,
      stop: toolCalls.length > 0 ? 'tool_calls' : 'end',
      usage: NO_USAGE,
      model: 'sender-1',
    };
  },
});

export const person = (senderId: UserId, chatId = DIRECT): DecidedBy => ({
  kind: 'person',
  origin: { chatId, chatKind: chatId === DIRECT ? 'direct' : 'group', senderId },
});

interface StageOptions {
  readonly policy?: AccessPolicy;
  readonly input?: unknown;
  readonly run?: Tool['run'];
  /** Of what `send` says; of an MCP server, it sends out, too. Default: it has none. */
  readonly source?: Tool['source'];
  /** The name under which a call of `send` has a price. Default: it has none. */
  readonly price?: string;
}

export const stage = (options: StageOptions = {}) => {
  const world = makeWorld();
  const effects: unknown[] = [];
  const send = buildTool({
    name: 'send',
    effect: 'acts',
    ...(options.price === undefined ? {} : { price: options.price }),
    ...(options.source ? { source: options.source, sendsOut: true } : {}),
    run: async (input, context) => {
      effects.push(input);
      return (await options.run?.(input, context)) ?? { output: 'sent to Bob', isError: false };
    },
  });
  const agent = { ...CHAT_AGENT, tools: ['send', 'make_promise'] };
  const process = (life: ProcessLifetime = makeLifetime(), more: Partial<ProcessOptions> = {}) =>
    makeProcess(world, {
      model: sendingModel(options.input),
      executor: 'agent',
      asks: true,
      agent,
      moreTools: [send],
      life,
      ...(options.policy ? { policy: options.policy } : {}),
      ...more,
    });
  const { approvals, promises, outbox, audit } = world.storage.stores;
  const ask = async (chatId = DIRECT, senderId = ADA) => {
    const first = process();
    await first.receive(
      buildMessage({
        chatId,
        chatKind: chatId === DIRECT ? 'direct' : 'group',
        sender: { id: senderId, kind: 'person' },
        addressedTo: 'us',
        text: 'send it',
      }),
    );
    await first.answerChat(chatId, new AbortController().signal);
    return first;
  };
  /** The newest, or that one. */
  const approval = async (id?: number): Promise<Approval> => {
    const found = id === undefined ? (await approvals.list({ limit: 1 }))[0] : await approvals.get(approvalId(id));
    if (!found) throw new Error(`no approval ${id}`);
    return found;
  };
  const promise = async (): Promise<AgentPromise> => {
    const found = await promises.get((await approval()).promiseId);
    if (!found) throw new Error('no promise');
    return found;
  };
  const work = async (ms = 40_000): Promise<void> => {
    const worker = process();
    worker.worker.start();
    worker.expiry.start();
    await advance(world, ms);
    await worker.worker.stop(0);
    await worker.expiry.stop();
  };
  const said = async (): Promise<readonly string[]> => {
    const texts: string[] = [];
    for (let next = await outbox.due(Number.MAX_SAFE_INTEGER, 9); next.length > 0; next = await outbox.due(Number.MAX_SAFE_INTEGER, 9))
      for (const { id, text } of next) {
        texts.push(text);
        await outbox.markSent(id, undefined, world.clock.now());
      }
    return texts;
  };
  return { world, effects, process, ask, approval, promise, work, said, audit };
};

export const GROUPS = buildPolicy({
  workspaces: [buildWorkspace({ roles: new Map([[ADA, { role: 'owner' as const, path: 'workspaces.Railway.roles' }]]) })],
});
