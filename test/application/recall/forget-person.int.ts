import { strict as assert } from 'node:assert';
import { makeCancelPromise } from '../../../src/application/promises/command-promise.ts';
import { makeForgetPerson } from '../../../src/application/recall/forget-person.ts';
import { makeCancelSchedule } from '../../../src/application/schedules/end-schedule.ts';
import { type IncomingMessage, promiseId, scheduleId } from '../../../src/domain/index.ts';
import { makeEcho } from '../../../src/domain/recall/echo.ts';
import { PortError } from '../../../src/ports/index.ts';
import {
  buildMessage,
  buildPromise,
  buildRun,
  buildSchedule,
  buildTool,
  carryOut,
  GROUP,
  START,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { withStorage } from '../../support/sqlite-storage.ts';
import { makeWorld, settle } from '../support/harness.ts';
import { running, stage } from '../support/turn-harness.ts';

const ADA = { id: telegramUser(501), username: 'ada', kind: 'person' } as const;
const BEN = { id: telegramUser(502), username: 'ben', kind: 'person' } as const;
/** The group of the workspace of the tests. */
const chat = GROUP;
const SAID = 'my number is 0170-5550199';

const from = (sender: IncomingMessage['sender'], n: number, text: string): IncomingMessage =>
  buildMessage({ chatId: chat, chatKind: 'group', messageId: telegramMessage(n), sender, text, addressedTo: 'us' });

type Subject = Parameters<Parameters<typeof withStorage>[0]>[0];

const forgetting = (storage: Subject, world: ReturnType<typeof makeWorld>) => {
  const { stores, unitOfWork, personalData } = storage;
  const { clock, randomness } = world;
  const events = { emit: () => undefined };
  return makeForgetPerson({
    personalData,
    stores,
    begun: storage.state('forget'),
    cancelPromise: makeCancelPromise({ unitOfWork, clock, randomness, events, reason: 'By the operator.' }),
    cancelSchedule: makeCancelSchedule({ unitOfWork, clock, events }),
    elsewhere: [],
    clock,
    events,
  });
};

describe('forgetting a person', () => {
  it('keeps their words out of all later requests to models, and what others said in them', () =>
    withStorage(async (storage) => {
      const world = makeWorld({ storage });
      const { process, model } = await stage([{ text: `Noted: ${SAID}.` }, { text: 'Fine.' }, { text: 'Nothing.' }], [], { world });
      for (const message of [from(ADA, 1, SAID), from(BEN, 2, 'the train leaves at nine o’clock sharp')]) {
        await process.receive(message);
        await process.answerChat(chat, running);
      }
      await forgetting(storage, world).forget(ADA.id, running);
      await process.receive(from(BEN, 3, 'what did Ada say?'));
      await process.answerChat(chat, running);
      const last = JSON.stringify(model.requests.at(-1));
      assert.equal(model.requests.length, 3);
      assert.ok(!last.includes('5550199'), last);
      assert.ok(last.includes('the train leaves at nine'), last);
    }));

  it('lets no turn that is under way bring their words back', () =>
    withStorage(async (storage) => {
      const world = makeWorld({ storage });
      const look = { toolCalls: [{ id: 'a', tool: 'look', input: { query: SAID } }] };
      const tools = [buildTool({ name: 'look', run: async () => ({ output: SAID, isError: false }) })];
      const { process, model } = await stage([look, { text: `You said ${SAID}.` }], [from(ADA, 1, SAID)], { world, tools });
      const { respond } = model;
      let isForgotten = false;
      model.respond = async (...asked) => {
        const reply = await respond(...asked);
        if (!isForgotten) await forgetting(storage, world).forget(ADA.id, running);
        isForgotten = true;
        return reply;
      };
      // The step of its reply is refused; the next turn finds nothing to answer.
      await assert.rejects(process.answerChat(chat, running), { name: 'OutdatedRunError' });
      assert.equal(await process.answerChat(chat, running), false);
      assert.deepEqual((await storage.personalData.survey(ADA.id, makeEcho())).counts, {});
      const rows = await storage.sql.read<{ text: string }>(
        'SELECT text FROM outbox UNION ALL SELECT body FROM run_steps UNION ALL SELECT step FROM conversation',
      );
      assert.ok(!JSON.stringify(rows).includes('5550199'), JSON.stringify(rows));
    }));

  it('ends their schedules and promises first, and says of which a worker does not let go', () =>
    withStorage(async (storage) => {
      const world = makeWorld({ storage });
      const { stores } = storage;
      const terms = { chatId: chat, chatKind: 'group' as const, requestedBy: { id: ADA.id, username: 'ada' } };
      await stores.promises.add([
        buildPromise({ ...terms, id: promiseId(1), description: SAID }),
        buildPromise({ ...terms, id: promiseId(2) }),
      ]);
      await carryOut(stores.promises, promiseId(1), { type: 'start', at: START, workerId: 'dead', leaseMs: 1 });
      await carryOut(stores.promises, promiseId(2), { type: 'start', at: START, workerId: 'w1', leaseMs: 60_000 });
      await stores.schedules.add([buildSchedule({ ...terms, id: scheduleId(1), description: SAID })]);
      const { preview, forget } = forgetting(storage, world);
      assert.deepEqual(
        { ...(await preview(ADA.id)), counts: undefined },
        { counts: undefined, promises: [1, 2], schedules: [1], isUnfinished: false },
      );
      const done = forget(ADA.id, running);
      let isDone = false;
      const ended = done.finally(() => {
        isDone = true;
      });
      while (!isDone) {
        await settle();
        world.clock.advance(1_000);
      }
      assert.deepEqual((await ended).running, [2]);
      assert.deepEqual([await stores.promises.find({ limit: 9 }), await stores.schedules.find({ limit: 9 })], [[], []]);
      await stores.audit.seal(100);
      const told = await stores.audit.read({ limit: 100 });
      const { facts } = told.at(-1) ?? assert.fail('no fact');
      assert.equal(facts.command, 'forget');
      assert.equal(facts.person, ADA.id);
      assert.ok(!JSON.stringify(told).includes('5550199'));
    }));

  it('ends what another asked for in their words, and tells no chat any of them', () =>
    withStorage(async (storage) => {
      const world = makeWorld({ storage });
      const { stores } = storage;
      await stage([], [from(ADA, 1, SAID)], { world });
      const terms = { chatId: chat, chatKind: 'group' as const };
      const [adas, bens] = [{ id: ADA.id }, { id: BEN.id }];
      await stores.promises.add([
        buildPromise({ ...terms, id: promiseId(1), requestedBy: adas, description: `call ${SAID}` }),
        buildPromise({ ...terms, id: promiseId(2), requestedBy: bens, description: `find out whether ${SAID}` }),
        buildPromise({ ...terms, id: promiseId(3), requestedBy: bens, description: 'go on', dependsOn: [promiseId(1)] }),
        buildPromise({ ...terms, id: promiseId(4), requestedBy: bens, description: 'look up the trains' }),
      ]);
      await stores.schedules.add([buildSchedule({ ...terms, id: scheduleId(1), requestedBy: bens, description: `ask again: ${SAID}` })]);
      const told: string[] = [];
      const { unitOfWork } = storage;
      const watched: typeof unitOfWork = {
        ...unitOfWork,
        run: (work) =>
          unitOfWork.run((within) => {
            const addMany: typeof within.outbox.addMany = (drafts) => {
              told.push(...drafts.map(({ text }) => text));
              return within.outbox.addMany(drafts);
            };
            return work({ ...within, outbox: { ...within.outbox, addMany } });
          }),
      };
      await forgetting({ ...storage, unitOfWork: watched }, world).forget(ADA.id, running);
      assert.match(told.join('\n'), /Promise #1 is cancelled: \(forgotten\)[\s\S]*Promise #2 is cancelled/);
      assert.match(told.join('\n'), /Promise #3 failed/);
      assert.ok(!told.join('\n').includes('5550199'), told.join('\n'));
      const left = await stores.promises.find({ limit: 9 });
      assert.deepEqual(
        new Map(left.map(({ id, status, description }) => [Number(id), [status, description]])),
        new Map([
          [2, ['cancelled', '(forgotten)']],
          [3, ['failed', 'go on']],
          [4, ['pending', 'look up the trains']],
        ]),
      );
      const schedules = await stores.schedules.find({ limit: 9 });
      assert.deepEqual(
        schedules.map(({ description }) => description),
        ['(forgotten)'],
      );
      assert.deepEqual(await stores.schedules.find({ limit: 9, activeOnly: true }), []);
    }));

  it('says that a run of another that is under way still holds their words', () =>
    withStorage(async (storage) => {
      const world = makeWorld({ storage });
      await stage([], [from(ADA, 1, SAID)], { world });
      const run = buildRun('of-ben', { chatId: chat, asked: [] });
      const step = {
        kind: 'tool',
        call: 0,
        tool: 'look',
        input: {},
        output: SAID,
        isError: false,
        outcome: 'done',
        at: START,
        durationMs: 5,
      } as const;
      await storage.stores.journal.append({ run, writer: 'w1', from: 0, steps: [step] });
      const first = await forgetting(storage, world).forget(ADA.id, running);
      assert.deepEqual(first.stays, ['in 1 run or approval of others that are under way: repeat it once they end']);
    }));

  it('is told of by the audit log and by the next preview, though the engine could not write its files anew', () =>
    withStorage(async (storage) => {
      const world = makeWorld({ storage });
      await stage([], [from(ADA, 1, SAID)], { world });
      const full = async (): Promise<never> => {
        throw new PortError('storage-full', 'there is no room left', { retryable: true });
      };
      const failing = forgetting({ ...storage, personalData: { ...storage.personalData, scrub: full } }, world);
      await assert.rejects(failing.forget(ADA.id, running), /no room left/);
      await storage.stores.audit.seal(100);
      const told = (await storage.stores.audit.read({ limit: 100 }))
        .map(({ facts }) => facts)
        .filter(({ command }) => command === 'forget');
      assert.deepEqual(told, [
        { command: 'forget', person: ADA.id, begun: true },
        { command: 'forget', person: ADA.id, rows: 1, running: [] },
      ]);
      const { preview, forget } = forgetting(storage, world);
      assert.deepEqual(await preview(ADA.id), { counts: {}, promises: [], schedules: [], isUnfinished: true });
      assert.deepEqual(await preview(BEN.id), { counts: {}, promises: [], schedules: [], isUnfinished: false });
      await forget(ADA.id, running);
      assert.equal((await preview(ADA.id)).isUnfinished, false);
    }));

  it('stops before it has erased anything where it is stopped', () =>
    withStorage(async (storage) => {
      const world = makeWorld({ storage });
      await stage([], [from(ADA, 1, SAID)], { world });
      await assert.rejects(forgetting(storage, world).forget(ADA.id, AbortSignal.abort(new Error('stopped'))), /stopped/);
      assert.equal((await storage.stores.messages.get(chat, telegramMessage(1)))?.message.text, SAID);
    }));
});
