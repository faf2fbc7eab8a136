import { strict as assert } from 'node:assert';
import {
  type AccessPolicy,
  type AgentPromise,
  type ChatId,
  type IncomingMessage,
  isSettled,
  NO_USAGE,
  type OutboxItem,
  type PromiseId,
  promiseId,
} from '../../../src/domain/index.ts';
import { type LanguageModel, PortError, type Storage } from '../../../src/ports/index.ts';
import { buildMessage, buildPolicy, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import { makeProcess, makeWorld, type Process, type ProcessOptions, settle } from '../support/harness.ts';
import { makeLifetime, type ProcessLifetime } from './process-lifetime.ts';
import { makeRuns, untilAborted, type Work } from './simulated-runs.ts';

export type { Work } from './simulated-runs.ts';

export type Asked = 'plain' | 'promise' | 'two promises' | 'model fails' | 'too slow' | 'run' | '/status' | '/stop' | '/new';

const STEP_MS = 5_000;
const GRACE_MS = 10_000;

/** One process that does everything, and one that only keeps promises. */
export type Role = 'main' | 'helper';
const ROLES: readonly Role[] = ['main', 'helper'];

type World = ReturnType<typeof makeWorld>;

interface LiveOptions {
  readonly world: World;
  readonly policy: AccessPolicy;
  readonly agentOf: (life: ProcessLifetime) => ProcessOptions;
  readonly violations: string[];
}

/** The processes that live, and the messages that none has received. A process that dies is started again. */
const makeProcesses = ({ world, policy, agentOf, violations }: LiveOptions) => {
  const live: Partial<Record<Role, Process>> = {};
  const unreceived = new Set<IncomingMessage>();

  const start = (role: Role): void => {
    const life = makeLifetime();
    const process = makeProcess(world, {
      ...agentOf(life),
      life,
      policy,
      work: { attemptTimeoutMs: 120_000, concurrency: 2 },
    });
    live[role] = process;
    if (role === 'main') process.start();
    else process.worker.start();
    if (role === 'main') for (const message of unreceived) receive(process, message);
  };
  const receive = (process: Process, message: IncomingMessage): void => {
    process.receive(message).then(
      () => unreceived.delete(message),
      (error: unknown) => violations.push(`receiving failed: ${error}`),
    );
  };
  /** Whatever can happen at this moment of the clock has happened, and a process that died is started anew. */
  const idle = async (): Promise<void> => {
    for (let turns = 0, still = 0; still < 2; turns++) {
      assert.ok(turns < 1_000_000, 'it never comes to rest');
      await settle();
      for (const role of ROLES) if (live[role]?.life.ended) start(role);
      still = ROLES.every((role) => (live[role]?.life.active ?? 0) === 0) ? still + 1 : 0;
    }
  };

  return { live, unreceived, start, receive, idle };
};

interface End {
  readonly world: World;
  readonly posted: readonly IncomingMessage[];
  readonly chats: ReadonlySet<ChatId>;
  readonly retries: ReadonlyMap<PromiseId, number>;
  readonly violations: readonly string[];
}

const checkEnd = async ({ world: { gateway, storage }, posted, chats, retries, violations }: End): Promise<void> => {
  const sent = gateway.sent as unknown as readonly (OutboxItem & { readonly chatId: ChatId })[];
  for (const {
    chat: { id: chat },
    messageId: id,
  } of posted) {
    const record = await storage.stores.messages.get(chat, id);
    assert.match(record?.verdict?.kind ?? 'lost', /^(answered|failed)$/);
    assert.equal(sent.filter((item) => item.chatId === chat && item.answers.includes(id)).length, 1, `answers to message ${id}`);
  }
  for (const chat of chats)
    for (const promise of await storage.stores.promises.find({ chatId: chat, limit: 10_000 })) checkPromise(promise, sent, retries);
  for (const chat of new Set(sent.map((item) => item.chatId))) {
    const ids = sent.filter((item) => item.chatId === chat).map(({ id }) => id);
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => a - b),
      'order within a chat',
    );
  }
  assert.equal((await storage.stores.outbox.stats()).failed, 0);
  assert.deepEqual(violations, []);
};

const checkPromise = (promise: AgentPromise, sent: readonly OutboxItem[], retries: ReadonlyMap<PromiseId, number>): void => {
  const name = `promise #${promise.id}`;
  assert.ok(isSettled(promise), name);
  assert.ok(promise.deliveredAt !== undefined, `${name}: its outcome is delivered`);
  const told = sent.filter((item) => item.promiseId === promise.id && item.chatId === promise.chatId);
  assert.equal(told.length, 1 + (retries.get(promiseId(promise.id)) ?? 0), `${name}: outcomes told`);
};

/** A thousand people may write. */
const policyOfPeople = (): AccessPolicy => {
  const entry = { description: '', path: '' };
  const people = Array.from({ length: 1_000 }, (_, i) => telegramUser(501 + i));
  const whitelist = { userIds: new Map(people.map((id) => [id, entry])), usernames: new Map(), defaultDirectory: '/srv' };
  return buildPolicy({ whitelist });
};

interface SimulationOptions {
  readonly storage?: Storage;
  readonly seed?: number;
  readonly firstChat?: number;
  /** What answers and keeps promises in a process of that life. Default: few words, and work that may fail. */
  readonly agentOf?: (life: ProcessLifetime) => ProcessOptions;
}

/** People who write to an agent whose process dies now and then, and what must be true of it in the end. */
export const makeSimulation = (options: SimulationOptions = {}) => {
  const world = makeWorld(options);
  const { clock, storage } = world;
  const { firstChat = 501 } = options;
  const policy = policyOfPeople();
  const posted: IncomingMessage[] = [];
  const chats = new Set<ChatId>();
  const made: PromiseId[] = [];
  const retries = new Map<PromiseId, number>();
  const violations: string[] = [];

  const runs = makeRuns(clock, violations);
  const { work } = runs;
  const { agentOf = (life) => ({ model, executor: runs.executorOf(life) }) } = options;
  const { live, unreceived, start, receive, idle } = makeProcesses({ world, policy, agentOf, violations });
  const admin = makeProcess(world, { policy });

  return {
    world,
    start,
    idle,
    lifeOf: (role: Role): ProcessLifetime | undefined => live[role]?.life,
    post: async (person: number, what: Asked) => {
      const chat = telegramChat(firstChat + person);
      const sender = { id: telegramUser(firstChat + person), kind: 'person' as const };
      const message = buildMessage({
        chatId: chat,
        messageId: telegramMessage(posted.length + 1),
        sender,
        text: what,
        sentAt: clock.now(),
      });
      posted.push(message);
      chats.add(chat);
      unreceived.add(message);
      if (live.main && !live.main.life.ended) receive(live.main, message);
      await idle();
    },
    make: async (person: number, parents: readonly number[]) => {
      const chat = telegramChat(firstChat + person);
      const ours: PromiseId[] = [];
      for (const id of made) if ((await storage.stores.promises.get(id))?.chatId === chat) ours.push(id);
      const dependsOn = parents.flatMap((parent) => ours[parent % Math.max(1, ours.length)] ?? []);
      const result = await admin.make(
        { description: 'task', dependsOn },
        { chatId: chat, chatKind: 'direct' as const, requestedBy: { id: telegramUser(firstChat + person) } },
      );
      assert.ok(result.ok);
      made.push(result.value.promise.id);
      chats.add(chat);
      await idle();
    },
    cancel: async (n: number) => {
      const promises = await storage.stores.promises.find({ limit: 1_000, statuses: ['waiting', 'pending', 'in_progress'] });
      const promise = promises[n % Math.max(1, promises.length)];
      if (promise) await admin.cancel(promise.id);
      await idle();
    },
    retry: async (n: number) => {
      const promises = await storage.stores.promises.find({ limit: 1_000, statuses: ['failed', 'cancelled'] });
      const promise = promises[n % Math.max(1, promises.length)];
      const retried = promise && (await admin.retry(promise.id));
      if (promise && retried?.ok) retries.set(promise.id, (retries.get(promise.id) ?? 0) + 1);
      await idle();
    },
    willWork: (outcome: Work) => work.push(outcome),
    crash: async (role: Role, after: number) => {
      live[role]?.life.endAfter(after);
      await idle();
    },
    /** A process is asked to end, does so in order, and is started anew. */
    restart: async (role: Role) => {
      const process = live[role];
      if (!process) return;
      let stopped = false;
      const stopping = async (): Promise<void> => {
        await Promise.all([process.answerer.stop(GRACE_MS), process.worker.stop(GRACE_MS)]);
        await process.deliverer.stop();
        stopped = true;
      };
      void stopping();
      for (let steps = 0; !stopped && !process.life.ended; steps++) {
        assert.ok(steps < 100, `it never stops: ${role}`);
        clock.advance(1_000);
        await idle();
      }
      if (process.life.ended) return;
      process.life.end();
      await idle();
    },
    pass: async (ms: number) => {
      for (let left = ms; left > 0; left -= STEP_MS) {
        clock.advance(Math.min(left, STEP_MS));
        await idle();
      }
    },
    /** The machine sleeps: the process sees all of the time at once. */
    sleep: async (ms: number) => {
      runs.sleep();
      clock.advance(ms);
      await idle();
    },
    /** The faults are over, and time passes, until nothing is left to do. */
    comeToRest: async () => {
      work.length = 0;
      const { messages, promises, outbox } = storage.stores;
      for (let steps = 0; ; steps++) {
        await idle();
        const { pending, waiting, in_progress } = await promises.stats();
        const left = unreceived.size + (await messages.stats()).open + pending + waiting + in_progress + (await outbox.stats()).pending;
        if (left === 0) break;
        assert.ok(steps < 2_000, `something is never done: ${JSON.stringify([await promises.stats(), await outbox.stats()])}`);
        clock.advance(STEP_MS);
      }
    },
    /** Invariants 1 to 3, and the order within each chat. */
    check: () => checkEnd({ world, posted, chats, retries, violations }),
  };
};

export type Town = ReturnType<typeof makeSimulation>;

/** Does what it was asked last. */
const model: LanguageModel = {
  name: 'town/town-1',
  respond: async ({ conversation }, { signal }) => {
    const last = withoutNotes(conversation).at(-1);
    const asked = last?.role === 'person' ? (last.text as Asked) : undefined;
    if (asked === 'model fails') throw new PortError('unavailable', 'overloaded', { retryable: true });
    if (asked === 'too slow') return await untilAborted(signal);
    const count = asked === 'promise' ? 1 : asked === 'two promises' ? 2 : 0;
    const toolCalls = Array.from({ length: count }, (_, i) => ({ id: `c${i}`, tool: 'make_promise', input: { description: `task ${i}` } }));
    return { text: 'Yes.', toolCalls, stop: count > 0 ? 'tool_calls' : 'end', usage: NO_USAGE, model: 'town-1' };
  },
};
