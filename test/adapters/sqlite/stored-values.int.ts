import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type AgentPromise, promiseId } from '../../../src/domain/index.ts';
import {
  buildEntry,
  buildOutboxDraft,
  buildPromise,
  buildRecord,
  promiseAfter,
  START,
  telegramChat,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import { withStorage } from '../../support/sqlite-storage.ts';

const completed = (promise: AgentPromise, result: string): AgentPromise =>
  promiseAfter(
    promise,
    { type: 'start', at: START + 1, workerId: 'w1', leaseMs: 1_000 },
    { type: 'complete', at: START + 2_345, workerId: 'w1', attempt: 1, result },
  );

describe('SQLite storage: stored values', () => {
  it('answers the documented queries as they are printed', () =>
    withStorage(async ({ stores: { promises }, sql }) => {
      const [asked, kept, earlier] = [
        buildPromise({ description: 'Find hotels' }),
        buildPromise({ id: promiseId(2) }),
        buildPromise({ id: promiseId(3) }),
      ];
      await promises.add([asked, completed(kept, 'Three timetables'), completed({ ...earlier, createdAt: START - 9 }, 'Done')]);
      expect(
        await sql.read("SELECT id, task_description, status, created_at FROM promises WHERE status='pending' ORDER BY created_at;"),
      ).to.deep.equal([{ id: 1, task_description: 'Find hotels', status: 'pending', created_at: '2026-11-22T12:00:00.000Z' }]);
      expect(await sql.read('SELECT status, COUNT(*) as count FROM promises GROUP BY status;')).to.deep.equal([
        { status: 'completed', count: 2 },
        { status: 'pending', count: 1 },
      ]);
      const latest =
        "SELECT task_description, completed_at, result_summary FROM promises WHERE status='completed' ORDER BY completed_at DESC LIMIT 5;";
      expect((await sql.read<object>(latest))[0]).to.deep.equal({
        task_description: 'Compare the three timetables',
        completed_at: '2026-11-22T12:00:02.345Z',
        result_summary: 'Three timetables',
      });
    }));

  it('returns every text as it was stored, whatever people write', () =>
    withStorage(async ({ stores: { promises, messages, conversations, outbox } }) => {
      let id = 0;
      const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((value) => `${value}\0'"\\\u2028`);
      await fc.assert(
        fc.asyncProperty(text, fc.json(), async (words, json) => {
          id++;
          const metadata = { words, json: JSON.parse(json) as unknown };
          const promise = completed(buildPromise({ id: promiseId(id), description: words, metadata }), words);
          await promises.add([promise]);
          expect(await promises.get(promise.id)).to.deep.equal(promise);
          const record = buildRecord({
            messageId: telegramMessage(id),
            text: words,
            sender: { id: 501 as never, displayName: words, kind: 'person' },
          });
          await messages.add(record);
          expect(await messages.get(telegramChat(501), telegramMessage(id))).to.deep.equal(record);
          await conversations.append([buildEntry(words)]);
          expect(await conversations.recent(telegramChat(501), 1)).to.deep.equal([buildEntry(words)]);
          await outbox.add(buildOutboxDraft({ text: words, dedupeKey: `${id}`, answers: [telegramMessage(id)] }));
          expect((await outbox.answering(telegramChat(501), telegramMessage(id)))[0]?.text).to.equal(words);
        }),
        { numRuns: 60 },
      );
    }));

  it('stores U+FFFD for half of a surrogate pair, plain or escaped', () =>
    withStorage(async ({ stores: { promises, messages } }) => {
      const broken = 'a\ud83d\\ud83db';
      await promises.add([buildPromise({ description: broken })]);
      await messages.add(buildRecord({ text: broken }));
      expect((await promises.get(promiseId(1)))?.description).to.equal(broken.toWellFormed());
      expect((await messages.get(telegramChat(501), telegramMessage(1)))?.message.text).to.equal(broken.toWellFormed());
    }));

  it('never hands out again a number that was reserved by a unit of work that rejects', () =>
    withStorage(async ({ stores, unitOfWork }) => {
      const leaked: number[] = [];
      const run = unitOfWork.run(async ({ promises }) => {
        leaked.push(...(await promises.reserveIds(3)));
        throw new RangeError('no');
      });
      const [outcome] = await Promise.allSettled([run]);
      expect(outcome.status).to.equal('rejected');
      expect(leaked).to.deep.equal([1, 2, 3]);
      expect(await stores.promises.reserveIds(1)).to.deep.equal([4]);
    }));

  it('never hands out again a number that was reserved by a unit that runs twice because another one rejects', () =>
    withStorage(async ({ stores, unitOfWork }) => {
      const reserved: number[] = [];
      const reserve = (fails: boolean) =>
        unitOfWork.run(async ({ promises }) => {
          reserved.push(...(await promises.reserveIds(1)));
          if (fails) throw new RangeError('no');
        });
      const outcomes = await Promise.allSettled([reserve(false), reserve(true), reserve(false)]);
      expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
      reserved.push(...(await stores.promises.reserveIds(1)));
      expect(new Set(reserved).size).to.equal(reserved.length);
    }));

  it('keeps what people wrote out of the errors of refused statements', () =>
    withStorage(async ({ stores: { promises } }) => {
      await promises.add([buildPromise()]);
      for (const [refused, code] of [
        [{}, 'concurrency'],
        [{ id: promiseId(2), priority: 11 }, 'invalid-request'],
      ] as const) {
        const error = await failureOf(promises.add([buildPromise({ ...refused, description: 'the key under the mat' })]));
        expect(error.code).to.equal(code);
        expect(JSON.stringify([error, error.message, error.stack, error.cause, Object.entries(error.cause ?? {})])).to.not.include(
          'under the mat',
        );
      }
    }));

  it('refuses a priority that no claim would find', () =>
    withStorage(async ({ stores: { promises } }) => {
      expect((await failureOf(promises.add([buildPromise({ priority: 11 })]))).code).to.equal('invalid-request');
    }));
});
