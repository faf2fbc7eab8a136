import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openSqliteEngine } from '../../src/adapters/sqlite/index.ts';
import { systemClock as clock, systemRandomness as randomness } from '../../src/adapters/system/index.ts';
import { makeKept } from '../../src/application/index.ts';
import { type AccessPolicy, type IncomingMessage, NO_USAGE, type PromiseId } from '../../src/domain/index.ts';
import type { Engine, LanguageModel, PromiseExecutor } from '../../src/ports/index.ts';
import {
  buildMessage,
  makeRecordingGateway,
  type RecordingGateway,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../src/testing/index.ts';
import { until } from '../support/chat-api.ts';
import { makeSite, type Site } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';

// Set by the environment: KEPT_TEST_SECONDS, for how long is written beside the backup in the middle, and the rates;
// `npm run soak:backup` writes 100 messages and 50 promises a second for a minute.
const SECONDS = Number(process.env.KEPT_TEST_SECONDS ?? 2);
const MESSAGES_PER_SECOND = Number(process.env.KEPT_TEST_MESSAGES_PER_SECOND ?? 40);
const PROMISES_PER_SECOND = Number(process.env.KEPT_TEST_PROMISES_PER_SECOND ?? 20);
/** Nobody waits longer than this for the receipt of a message while a backup is made. */
const SLOWEST_MS = 5_000;
const LEASE_MS = 2_000;
/** People have numbers from 1; those that are promised something have numbers from here. */
const PROMISED = 1_000_000;
const MOST = 100_000;

const ANSWER = 'The train leaves at nine.';
const model: LanguageModel = {
  name: 'test/one-answer',
  respond: async () => ({ text: ANSWER, toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'one-answer' }),
};
/** Long enough for promises to be in progress at any moment. */
const executor: PromiseExecutor = {
  execute: async ({ id }) => {
    await wait(20 + (id % 10) * 30);
    return { text: 'Compared.', usage: NO_USAGE };
  },
};
const policyOf = (directory: string): AccessPolicy => {
  const people = Array.from({ length: MOST }, (_, n) => [telegramUser(n + 1), { description: 'x', path: '' }] as const);
  return { workspaces: [], whitelist: { userIds: new Map(people), usernames: new Map(), defaultDirectory: directory } };
};

/** What has reached people's screens: the platform shows each delivery key once, whoever sends it. */
const makeScreens = () => {
  const keys = new Set<string>();
  const shown = new Map<string, string[]>();
  return {
    in: (chat: number): readonly string[] => shown.get(telegramChat(chat)) ?? [],
    gateway: (): RecordingGateway => {
      const gateway = makeRecordingGateway();
      const send: RecordingGateway['send'] = async (message, ...more) => {
        const id = await gateway.send(message, ...more);
        const key = `${message.chatId} ${message.deliveryKey}`;
        if (!keys.has(key)) shown.set(message.chatId, [...(shown.get(message.chatId) ?? []), message.text]);
        keys.add(key);
        return id;
      };
      return Object.assign(Object.create(gateway), { send });
    },
  };
};

/** An installation that answers and keeps promises, on the database at `path`. */
const live = async (path: string, root: string, gateway: RecordingGateway) => {
  const engine = await openSqliteEngine({ path });
  const kept = makeKept({
    ...engine,
    changes: engine.changes(),
    model,
    executor,
    gateways: [gateway],
    clock,
    randomness,
    policy: policyOf(root),
    tools: [],
    work: { leaseMs: LEASE_MS },
  });
  await kept.start();
  return {
    kept,
    engine,
    end: async (): Promise<void> => {
      await kept.stop(0);
      await engine.close();
    },
  };
};

/** Messages and promises at a steady rate, one chat each, until `stop`; what was committed is noted once it was. */
const writeTo = ({ kept }: Awaited<ReturnType<typeof live>>) => {
  const received: IncomingMessage[] = [];
  const promised: { readonly person: number; readonly id: PromiseId }[] = [];
  const under = new Set<Promise<void>>();
  const begun = Date.now();
  let slowest = 0;
  let said = 0;
  let asked = 0;

  const say = async (person: number): Promise<void> => {
    const message = buildMessage({
      chatId: telegramChat(person),
      messageId: telegramMessage(person),
      sender: { id: telegramUser(person), displayName: 'Ada', kind: 'person' },
      sentAt: Date.now(),
    });
    const at = performance.now();
    await kept.receive(message);
    slowest = Math.max(slowest, performance.now() - at);
    received.push(message);
  };
  const ask = async (person: number): Promise<void> => {
    const requestedBy = { id: telegramUser(person) };
    const made = await kept.makePromise({ description: 'compare' }, { chatId: telegramChat(person), chatKind: 'direct', requestedBy });
    assert.ok(made.ok);
    promised.push({ person, id: made.value.promise.id });
  };
  const begin = (work: Promise<void>): void => {
    under.add(work);
    void work.then(() => under.delete(work));
  };
  const timer = setInterval(() => {
    const seconds = (Date.now() - begun) / 1_000;
    while (said < seconds * MESSAGES_PER_SECOND && said < MOST) begin(say(++said));
    while (asked < seconds * PROMISES_PER_SECOND) begin(ask(PROMISED + ++asked));
  }, 10);
  return {
    received,
    promised,
    slowest: () => slowest,
    stop: async (): Promise<number> => {
      clearInterval(timer);
      const seconds = (Date.now() - begun) / 1_000;
      await Promise.all(under);
      return seconds;
    },
  };
};

const isQuiet = async ({ storage: { stores } }: Engine): Promise<boolean> => {
  const [messages, outbox, promises] = await Promise.all([stores.messages.stats(), stores.outbox.stats(), stores.promises.stats()]);
  return messages.open === 0 && outbox.pending === 0 && promises.pending === 0 && promises.in_progress === 0;
};

/** Invariants 1, 2 and 5 over a backup: what was committed is in it, and what was under way is done once. */
describe('A backup of a Kept that is busy', function () {
  this.timeout(SECONDS * 10_000 + 180_000);
  let site: Site;
  before(async () => {
    site = await makeSite();
  });
  after(() => site.remove());

  it(`holds all that was committed at ${MESSAGES_PER_SECOND} messages and ${PROMISES_PER_SECOND} promises a second, and nobody is answered twice`, async () => {
    const screens = makeScreens();
    const former = await live(site.database, site.project, screens.gateway());
    const writing = writeTo(former);
    await wait((SECONDS * 1_000) / 2);

    const before = { received: writing.received.length, promised: writing.promised.length };
    const began = Date.now();
    const created = await runKept(site, ['backup', 'create', '--json']);
    const tookMs = Date.now() - began;
    assert.equal(created.code, 0, created.stderr);
    const after = { received: writing.received.length, promised: writing.promised.length };
    await wait((SECONDS * 1_000) / 2);
    const seconds = await writing.stop();
    await former.end();
    assert.ok(after.received > before.received && writing.received.length > after.received, 'it was written all the time');
    assert.ok(writing.slowest() < SLOWEST_MS, `a message waited ${writing.slowest()} ms for its receipt`);

    const { path, rows, bytes } = JSON.parse(created.stdout) as { path: string; rows: number; bytes: number };
    const verified = await runKept(site, ['backup', 'verify', path]);
    assert.equal(verified.code, 0, verified.stderr);
    const dataDir = join(site.root, 'elsewhere');
    const restored = await runKept(site, ['backup', 'restore', path, '--data-dir', dataDir]);
    assert.equal(restored.code, 0, restored.stderr);

    const latter = await live(join(dataDir, 'system.db'), site.project, screens.gateway());
    const { stores } = latter.engine.storage;
    const inBackup = new Set<number>();
    try {
      for (const { chat, messageId } of writing.received.slice(0, before.received))
        assert.ok(await stores.messages.get(chat.id, messageId), `${chat.id} was received before`);
      for (const { id } of writing.promised.slice(0, before.promised))
        assert.ok(await stores.promises.get(id), `#${id} was promised before`);
      for (const { person, id } of writing.promised) if (await stores.promises.get(id)) inBackup.add(person);
      // The platform tells once more what came since.
      for (const message of writing.received) await latter.kept.receive(message);
      await until('everything is done', () => isQuiet(latter.engine), 120_000);
    } finally {
      await latter.end();
    }
    for (const { chat } of writing.received) {
      const person = Number(chat.id.split(':')[1]);
      assert.deepEqual(screens.in(person), [ANSWER], `${chat.id} is answered once`);
    }
    for (const { person } of writing.promised)
      assert.equal(screens.in(person).length, inBackup.has(person) ? 1 : screens.in(person).length && 1, `${person} is told once`);
    console.log(
      `      ${writing.received.length} messages and ${writing.promised.length} promises in ${seconds.toFixed(1)} s; ` +
        `the slowest receipt took ${Math.round(writing.slowest())} ms; the command took ${tookMs} ms: ${rows} rows, ${bytes} bytes`,
    );
  });
});
