import { strict as assert } from 'node:assert';
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { makeSeededRandomness } from '../../src/testing/index.ts';
import { type ApiPromise, type ChatMessage, chatApi, until } from '../support/chat-api.ts';
import { type KeptProcess, makeSite, PROJECT_TODOS, startKept } from '../support/kept-process.ts';

const MESSAGES = Number(process.env.KEPT_TEST_MESSAGES ?? 20);
const PROMISES = Number(process.env.KEPT_TEST_PROMISES ?? 20);
const KILLS = Number(process.env.KEPT_TEST_KILLS ?? 8);
const SEED = Number(process.env.KEPT_TEST_SEED ?? randomInt(1, 2 ** 31));
const CHATS = 5;

/**
 * Invariants 1 to 3: no message is lost, each has one answer, each promise one result, however often the process is
 * killed.
 */
describe(`kill -9 at random points (KEPT_TEST_SEED=${SEED})`, function () {
  this.timeout(240_000);

  it(`${MESSAGES} messages and ${PROMISES} promises survive ${KILLS} kills, each answered and kept once`, async () => {
    const randomness = makeSeededRandomness(SEED);
    const site = await makeSite({ KEPT_REHEARSAL_PACE_MS: '4' });
    let kept: KeptProcess = await startKept(site, 'start');
    const api = chatApi(() => kept.url);
    const texts = [
      ...Array.from({ length: MESSAGES }, (_, i) => ({ chat: 1 + (i % CHATS), text: `please remember the word pebble-${i}-` })),
      ...Array.from({ length: PROMISES }, (_, i) => ({
        chat: 1 + (i % CHATS),
        text: `in the background, count the TODO comments in this project (run ${i})`,
      })),
    ];
    const unsent = new Set(texts);
    let kills = 0;
    try {
      const all = async (): Promise<ChatMessage[]> =>
        (await Promise.all(Array.from({ length: CHATS }, (_, i) => api.messages(1 + i)))).flat();
      const post = async (): Promise<void> => {
        // A post without its 202 may have been taken all the same: the transcript tells.
        const there = new Set((await all()).flatMap(({ from, text }) => (from === 'operator' ? [text] : [])));
        for (const one of [...unsent]) {
          if (!there.has(one.text)) await api.post(one.text, one.chat);
          unsent.delete(one);
        }
      };
      while (kills < KILLS) {
        const posting = post().catch(() => 'cut off by the kill');
        await wait(Math.floor(randomness.fraction() * 1_200));
        await kept.kill();
        kills++;
        await posting;
        kept = await startKept(site, 'start');
      }
      await post();

      const done = await until(
        'every message answered and every promise delivered',
        async () => {
          const messages = await all();
          const answered = new Set(messages.flatMap(({ chatId, answers }) => (answers ?? []).map((id) => `${chatId}/${id}`)));
          const open = messages.filter(({ from, chatId, messageId }) => from === 'operator' && !answered.has(`${chatId}/${messageId}`));
          const promises = await api.promises();
          const settled = promises.length > 0 && promises.every(({ deliveredAt }) => deliveredAt !== undefined);
          return open.length === 0 && settled && { messages: await all(), promises: await api.promises() };
        },
        120_000,
      );

      check(done.messages, done.promises, texts);
      const { checks } = await api.get<{ checks: readonly { id: string; status: string }[] }>('/health');
      const unwell = checks.filter(({ id, status }) => status !== 'ok' && status !== 'skipped' && id !== 'process.restarts');
      assert.deepEqual(unwell, [], 'but for the kills themselves, all is well');
      console.log(
        `      ${kills} kills, ${done.messages.length} messages in the transcript, ${done.promises.length} promises, ${done.promises.filter(({ attempts }) => attempts > 1).length} of them run more than once`,
      );
    } finally {
      await kept.stop();
      await site.remove();
    }
  });
});

const check = (messages: readonly ChatMessage[], promises: readonly ApiPromise[], texts: readonly { text: string }[]): void => {
  const operator = messages.filter(({ from }) => from === 'operator');
  assert.deepEqual(
    operator.map(({ text }) => text).sort(),
    texts.map(({ text }) => text).sort(),
    'every message is in the transcript once',
  );
  for (const { chatId, messageId, text } of operator) {
    const answers = messages.filter((message) => message.chatId === chatId && message.answers?.includes(messageId));
    assert.equal(answers.length, 1, `one answer to "${text}"`);
    if (text.includes('pebble')) assert.ok(answers[0]?.text.includes(text), `the answer quotes "${text}"`);
  }
  assert.equal(promises.length, PROMISES, 'one promise for each request');
  for (const { id, chatId, status, resultSummary } of promises) {
    assert.equal(status, 'completed', `promise #${id}`);
    assert.match(resultSummary ?? '', new RegExp(`\\b${PROJECT_TODOS}\\b`), `promise #${id} has the true count`);
    const results = messages.filter((message) => message.chatId === chatId && message.text.startsWith(`Promise #${id} is kept`));
    assert.equal(results.length, 1, `one result of promise #${id}`);
  }
};
