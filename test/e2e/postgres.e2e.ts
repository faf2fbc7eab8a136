import { strict as assert } from 'node:assert';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeSeededRandomness } from '../../src/testing/index.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { type KeptProcess, makeSite, PROJECT_TODOS, type Site, startKept } from '../support/kept-process.ts';
import { freshDatabase, startServer } from '../support/postgres.ts';

const ROUNDS = Number(process.env.KEPT_TEST_ROUNDS ?? 1);
const SEED = Number(process.env.KEPT_TEST_SEED ?? randomInt(1, 2 ** 31));
const CHATS = 3;

/** Invariants 1 to 3 on PostgreSQL, whoever fails: a worker, the server in order or not, the bot. */
describe(`a bot and two workers, each on a machine of its own, on one PostgreSQL (KEPT_TEST_SEED=${SEED})`, function () {
  this.timeout(240_000);

  it('every message is answered once and every promise kept once, though each of them and the server are killed', async () => {
    const randomness = makeSeededRandomness(SEED);
    const server = await startServer();
    const database = await freshDatabase(server);
    const site = await makeSite({ DATABASE_URL: database.url, PROMISE_LEASE_SECONDS: '2', PROMISE_BACKOFF_SECONDS: '0.5' });
    const machine = (name: string): Site => ({ ...site, env: { ...site.env, KEPT_DATA_DIR: join(site.root, name) } });
    const start = async (name: string): Promise<KeptProcess> => startKept(machine(name), name === 'bot' ? 'bot' : 'worker');
    const running = new Map<string, KeptProcess>();
    for (const name of ['bot', 'one', 'two']) running.set(name, await start(name));
    const revive = async (name: string) => {
      await running.get(name)?.kill();
      running.set(name, await start(name));
    };
    const faults = [
      () => revive('one'),
      () => server.restart(),
      () => revive('two'),
      async () => {
        await server.kill();
        await server.start();
      },
      () => revive('bot'),
    ];
    const api = chatApi(() => running.get('bot')?.url ?? '');
    const all = async () => (await Promise.all(Array.from({ length: CHATS }, (_, i) => api.messages(1 + i)))).flat();
    const texts: string[] = [];
    /** A post without its 202 may have been taken all the same: the transcript tells. */
    const post = async (text: string, chat: number): Promise<void> => {
      texts.push(text);
      for (;;) {
        try {
          return void (await api.post(text, chat));
        } catch {
          const there = await until('the API', () => all().catch(() => undefined));
          if (there.some((message) => message.text === text)) return;
        }
      }
    };
    try {
      for (let round = 0; round < ROUNDS; round++)
        for (const [step, fail] of faults.entries()) {
          const posts = Array.from({ length: CHATS }, async (_, i) => {
            const run = `${round}.${step}.${i}`;
            await post(`please remember the word pebble-${run}-`, 1 + i);
            await post(`in the background, count the TODO comments in this project (run ${run})`, 1 + i);
          });
          await wait(Math.floor(randomness.fraction() * 400));
          await fail();
          await Promise.all(posts);
        }
      const { messages, promises } = await until(
        'every message answered and every promise delivered',
        async () => {
          const [messages, promises] = await Promise.all([all(), api.promises()]);
          const answered = new Set(messages.flatMap(({ chatId, answers }) => (answers ?? []).map((id) => `${chatId}/${id}`)));
          const open = messages.some(({ from, chatId, messageId }) => from === 'operator' && !answered.has(`${chatId}/${messageId}`));
          const settled = promises.every(({ deliveredAt }) => deliveredAt !== undefined);
          return !open && settled && { messages: await all(), promises: await api.promises() };
        },
        120_000,
      );
      const operator = messages.filter(({ from }) => from === 'operator');
      assert.deepEqual(operator.map(({ text }) => text).sort(), texts.toSorted());
      const made = new Set<number>();
      for (const { chatId, messageId, text } of operator) {
        const answers = messages.filter((one) => one.chatId === chatId && one.answers?.includes(messageId));
        assert.equal(answers.length, 1, `one answer to "${text}"`);
        const told = [...(answers[0]?.text ?? '').matchAll(/#(\d+)/g)].map(([, id]) => Number(id));
        for (const id of told) made.add(id);
        // Where the database was away too long for a promise, the answer says that there is none.
        if (text.includes('TODO') && told.length === 0)
          assert.match(answers[0]?.text ?? '', /can't be used now|failed|could not|something went wrong/i);
      }
      assert.deepEqual(
        promises.map(({ id }) => id).toSorted((a, b) => a - b),
        [...made].toSorted((a, b) => a - b),
        'the promises that people were told of',
      );
      assert.ok(made.size > texts.length / 4);
      for (const { id, chatId, status, resultSummary } of promises) {
        assert.equal(status, 'completed', `promise #${id}`);
        assert.match(resultSummary ?? '', new RegExp(`\\b${PROJECT_TODOS}\\b`), `promise #${id} has the true count`);
        const results = messages.filter((one) => one.chatId === chatId && one.text.startsWith(`Promise #${id} is kept`));
        assert.equal(results.length, 1, `one result of promise #${id}`);
      }
      assert.equal((await api.get<{ status: string }>('/health')).status, 'healthy');
      console.log(
        `      ${promises.length} promises, ${promises.filter(({ attempts }) => attempts > 1).length} of them run more than once`,
      );
    } finally {
      for (const kept of running.values()) await kept.stop();
      await database.drop();
      await site.remove();
    }
  });
});
