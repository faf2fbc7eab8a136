import { strict as assert } from 'node:assert';
import { NO_USAGE, promiseId, type Run, type RunStep, runId, type StoredRun, turnId } from '../domain/index.ts';
import type { Journal, JournalEntries, Storage } from '../ports/index.ts';
import { buildPromise, buildRecord, buildRun, promiseAfter, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat } from './ids.ts';
import { portFailure } from './port-failure.ts';
import { wider } from './wider.ts';

const CHAT = telegramChat(501);
const model = (text: string): RunStep => ({
  kind: 'model',
  at: START + 1,
  durationMs: 7,
  model: 'scripted-1',
  usage: { ...NO_USAGE, inputTokens: 5, outputTokens: 2 },
  stop: 'tool_calls',
  text,
  calls: [{ id: 'a', tool: 'send', input: { to: ['Ada', '\u{1F600}'] } }],
});
const intent: RunStep = { kind: 'intent', at: START + 2, call: 0, tool: 'send', callKey: 'r-0-0' };
const result = (output: string): RunStep => ({
  kind: 'tool',
  at: START + 3,
  durationMs: 1,
  call: 0,
  tool: 'send',
  callKey: 'r-0-0',
  effect: 'acts',
  input: { to: ['Ada', '\u{1F600}'] },
  output,
  isError: false,
  outcome: 'done',
});
const entries = (run: Run, from: number, steps: readonly RunStep[], writer = 'first'): JournalEntries => ({ run, writer, from, steps });
const texts = async (journal: Journal): Promise<readonly string[]> =>
  ((await journal.openTurn(CHAT))?.steps ?? []).map((step) => (step.kind === 'model' ? step.text : step.kind));
const refused = (append: Promise<void>): Promise<void> => assert.rejects(append, portFailure('concurrency'));

/** The law of `Journal`. */
export const journalContract: Contract<Storage> = {
  'returns a run and its steps as they were appended, in their order': async ({ stores: { journal } }) => {
    const run = buildRun('r');
    await journal.append(entries(run, 0, [model('On it.'), intent]));
    await journal.append(entries(run, 2, [result('sent')]));
    await journal.append(entries(run, 3, [model('Done.')]));
    const steps = [model('On it.'), intent, result('sent'), model('Done.')];
    assert.deepEqual(await journal.openTurn(CHAT), { ...run, steps, counted: 0 });
  },

  'stores the fields of a run, and nothing that its objects hold beside': async ({ stores: { journal } }) => {
    const run = buildRun('r');
    await journal.append(entries(wider({ ...run, asked: run.asked.map(wider) }), 0, [model('On it.')]));
    assert.deepEqual(await journal.openTurn(CHAT), { ...run, steps: [model('On it.')], counted: 0 });
  },

  'refuses the beginning of a run that answers a message that is deleted': async ({ stores: { journal, messages } }) => {
    const run = buildRun('r');
    const [asked] = run.asked;
    assert.ok(asked);
    await messages.add(buildRecord());
    await messages.erase(asked.chatId, asked.messageId, START + 1);
    await refused(journal.append(entries(run, 0, [model('You said …')])));
    assert.equal(await journal.openTurn(CHAT), undefined);
  },

  'stores a run without a step': async ({ stores: { journal } }) => {
    const run = buildRun('r');
    await journal.append(entries(run, 0, []));
    assert.deepEqual(await journal.openTurn(CHAT), { ...run, steps: [], counted: 0 });
  },

  'changes nothing where the same append is repeated': async ({ stores: { journal } }) => {
    const run = buildRun('r');
    for (let times = 0; times < 2; times++) await journal.append(entries(run, 0, [model('a'), model('b')]));
    for (let times = 0; times < 2; times++) await journal.append(entries(run, 2, [model('c')]));
    assert.deepEqual(await texts(journal), ['a', 'b', 'c']);
  },

  'refuses a place that another writer has taken, and stores none of those steps': async ({ stores: { journal } }) => {
    const run = buildRun('r');
    await journal.append(entries(run, 0, [model('a')]));
    await journal.append(entries(run, 1, [model('b')], 'second'));
    await refused(journal.append(entries(run, 1, [model('x'), model('y')])));
    await refused(journal.append(entries(run, 0, [model('x')], 'second')));
    assert.deepEqual(await texts(journal), ['a', 'b']);
    await journal.append(entries(run, 2, [model('c')], 'second'));
    await refused(journal.append(entries(run, 1, [model('x'), model('y'), model('z')])));
    assert.deepEqual(await texts(journal), ['a', 'b', 'c']);
  },

  'undoes the unit of work whose steps come second': async ({ stores: { journal }, unitOfWork }) => {
    const run = buildRun('r');
    await journal.append(entries(run, 0, [model('a')]));
    await journal.append(entries(run, 1, [model('b')], 'second'));
    const late = unitOfWork.run(async (unit) => {
      await unit.journal.end(run.id, START + 9);
      await unit.journal.append(entries(run, 1, [model('x')]));
    });
    await refused(late);
    assert.deepEqual(await texts(journal), ['a', 'b']);
  },

  'lets one of two writers go on with a run, whichever is first': async ({ stores: { journal } }) => {
    const run = buildRun('r');
    await journal.append(entries(run, 0, [model('a')]));
    const writers = ['first', 'second', 'third', 'fourth'];
    const ends = await Promise.allSettled(writers.map((writer) => journal.append(entries(run, 1, [model(writer)], writer))));
    assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.deepEqual(await texts(journal), ['a', writers[ends.findIndex(({ status }) => status === 'fulfilled')]]);
  },

  'refuses steps of a run that has ended, and of one that was never stored': async ({ stores: { journal } }) => {
    const run = buildRun('r');
    await refused(journal.append(entries(run, 1, [model('x')])));
    await journal.append(entries(run, 0, [model('a')]));
    await journal.end(run.id, START + 9);
    await refused(journal.append(entries(run, 1, [model('x')])));
  },

  'adds no step to an open run that a unit of work has read, until the unit ends': async ({ stores: { journal }, unitOfWork }) => {
    const promised = buildRun('promise', { promiseId: promiseId(3), asked: [] });
    const cases: readonly [Run, (its: Journal) => Promise<StoredRun | undefined>][] = [
      [buildRun('turn'), (its) => its.openTurn(CHAT)],
      [promised, async (its) => (await its.ofPromise(promiseId(3), 1))[0]],
      [buildRun('left'), async (its) => (await its.openTurns({ before: START + 99, limit: 9 }))[0]],
    ];
    for (const [run, read] of cases) {
      await journal.append(entries(run, 0, [model('a')]));
      const begun = Promise.withResolvers<void>();
      const late = begun.promise.then(() => refused(journal.append(entries(run, 1, [intent]))));
      await unitOfWork.run(async (stores) => {
        await read(stores.journal);
        begun.resolve();
        // Time enough for an append that waits for nothing.
        for (let times = 0; times < 20; times++) assert.equal((await read(stores.journal))?.steps.length, 1);
        await stores.journal.end(run.id, START + 9);
      });
      await late;
    }
  },

  'finds the newest open run of the turn of a chat, and none that ended or is of a promise': async ({ stores: { journal } }) => {
    assert.equal(await journal.openTurn(CHAT), undefined);
    await journal.append(entries(buildRun('old'), 0, [model('old')]));
    await journal.append(entries(buildRun('new', { startedAt: START + 9 }), 0, [model('new')]));
    await journal.append(entries(buildRun('other', { chatId: telegramChat(7), startedAt: START + 10 }), 0, []));
    await journal.append(entries(buildRun('promised', { promiseId: promiseId(3), startedAt: START + 11 }), 0, []));
    assert.equal((await journal.openTurn(CHAT))?.id, 'new');
    await journal.end(runId('new'), START + 12);
    assert.equal((await journal.openTurn(CHAT))?.id, 'old');
    await journal.end(runId('old'), START + 12);
    assert.equal(await journal.openTurn(CHAT), undefined);
  },

  'finds the run that ended with a turn; its end is recorded once': async ({ stores: { journal } }) => {
    const run = buildRun('r');
    await journal.append(entries(run, 0, [model('a')]));
    await journal.end(run.id, START + 9, turnId('t1'));
    await journal.end(run.id, START + 20, turnId('t2'));
    await journal.end(runId('missing'), START + 20);
    assert.deepEqual(await journal.ofTurn(turnId('t1')), { ...run, steps: [model('a')], counted: 0, endedAt: START + 9 });
    assert.equal(await journal.ofTurn(turnId('t2')), undefined);
  },

  'lists the newest runs of a promise, oldest first': async ({ stores: { journal } }) => {
    const runs = ['one', 'two', 'three'].map((id, at) =>
      buildRun(id, { promiseId: promiseId(3), startedAt: START + at, asked: [], agent: 'valor_agent' }),
    );
    for (const run of runs) await journal.append(entries(run, 0, [model(run.id)]));
    await journal.append(entries(buildRun('other', { promiseId: promiseId(4) }), 0, []));
    assert.deepEqual(
      (await journal.ofPromise(promiseId(3), 2)).map(({ id, steps, endedAt }) => [id, steps.length, endedAt]),
      [
        ['two', 1, undefined],
        ['three', 1, undefined],
      ],
    );
    await journal.end(runId('one'), START + 5);
    assert.deepEqual(
      (await journal.ofPromise(promiseId(3), 9)).map(({ endedAt }) => endedAt),
      [START + 5, undefined, undefined],
    );
    assert.equal((await journal.ofPromise(promiseId(4), 9))[0]?.endedAt, undefined);
  },

  'tells how much of the usage was counted before, and never lowers it': async ({ stores: { journal }, unitOfWork }) => {
    const run = buildRun('r');
    assert.equal(await journal.countUsage(run.id, 2), 0);
    await journal.append(entries(run, 0, [model('a'), model('b')]));
    assert.equal(await journal.countUsage(run.id, 2), 0);
    assert.equal(await unitOfWork.run((unit) => unit.journal.countUsage(run.id, 1)), 2);
    assert.equal((await journal.openTurn(CHAT))?.counted, 2);
  },

  'purges runs of turns that ended before a time, and none that is open': async ({ stores: { journal } }) => {
    for (const [id, startedAt, endedAt] of [
      ['ended', START, START + 10],
      ['left', START + 5, undefined],
      ['late', START, START + 20],
      ['fresh', START + 20, undefined],
    ] as const) {
      await journal.append(entries(buildRun(id, { startedAt }), 0, [model(id)]));
      if (endedAt !== undefined) await journal.end(runId(id), endedAt, turnId(id));
    }
    await journal.append(entries(buildRun('promised', { promiseId: promiseId(3) }), 0, []));
    await journal.end(runId('promised'), START + 1);
    assert.equal(await journal.purge({ before: START + 20, limit: 10 }), 1);
    assert.equal(await journal.purge({ before: START + 20, limit: 10 }), 0);
    assert.equal(await journal.ofTurn(turnId('ended')), undefined);
    assert.deepEqual(
      (await journal.openTurns({ before: START + 20, limit: 10 })).map(({ id }) => id),
      ['left'],
    );
    await journal.end(runId('left'), START + 19);
    assert.equal(await journal.purge({ before: START + 20, limit: 10 }), 1);
    assert.equal((await journal.ofTurn(turnId('late')))?.steps.length, 1);
    assert.equal((await journal.openTurn(CHAT))?.id, 'fresh');
    assert.equal((await journal.ofPromise(promiseId(3), 9)).length, 1);
    await journal.append(entries(buildRun('ended', { startedAt: START + 30 }), 0, [model('anew')], 'second'));
    assert.deepEqual(await texts(journal), ['anew']);
  },

  'lists the open runs of turns that began before a time, the oldest first': async ({ stores: { journal }, unitOfWork }) => {
    const begun = { late: START + 20, second: START + 5, first: START, ended: START, third: START + 19 };
    for (const [id, startedAt] of Object.entries(begun))
      await journal.append(entries(buildRun(id, { startedAt, chatId: telegramChat(startedAt - START + 1) }), 0, [model(id)]));
    await journal.append(entries(buildRun('promised', { promiseId: promiseId(3) }), 0, []));
    await journal.end(runId('ended'), START + 1);
    await journal.countUsage(runId('first'), 1);
    const left = await unitOfWork.run((unit) => unit.journal.openTurns({ before: START + 20, limit: 2 }));
    assert.deepEqual(left, [
      { ...buildRun('first', { startedAt: START, chatId: telegramChat(1) }), steps: [model('first')], counted: 1 },
      { ...buildRun('second', { startedAt: START + 5, chatId: telegramChat(6) }), steps: [model('second')], counted: 0 },
    ]);
    assert.equal((await journal.openTurns({ before: START + 20, limit: 9 })).at(-1)?.id, 'third');
  },

  'leaves no step of a purged run behind, of a turn or of a promise, a batch at a time': async ({ stores: { journal, promises } }) => {
    const many = Array.from({ length: 5 }, (_, at) => model(`old ${at}`));
    const settled = [3, 4].map((id) =>
      promiseAfter(
        buildPromise({ id: promiseId(id) }),
        { type: 'start', at: START, workerId: 'w', leaseMs: 1_000 },
        { type: 'complete', at: START + 1, workerId: 'w', attempt: 1, result: 'ok' },
      ),
    );
    await promises.add(settled);
    const ofTurns = ['a', 'b', 'c'].map((id) => buildRun(id));
    const ofPromises = [3, 3, 4].map((id, at) => buildRun(`p${at}`, { promiseId: promiseId(id), asked: [] }));
    for (const run of [...ofTurns, ...ofPromises]) {
      await journal.append(entries(run, 0, many));
      await journal.end(run.id, START + 1, turnId(run.id));
    }
    const purged: number[] = [];
    for (let times = 0; times < 3; times++) purged.push(await journal.purge({ before: START + 2, limit: 2 }));
    assert.deepEqual(purged, [2, 1, 0]);
    const times = { settledBefore: START + 100, undeliveredBefore: START + 100 };
    for (const id of [3, 4]) assert.deepEqual(await promises.purge({ ...times, limit: 1 }), [id]);
    // A step that stayed would keep its place from another writer.
    for (const run of [...ofTurns, ...ofPromises]) await journal.append(entries(run, 0, many, 'second'));
    assert.equal((await journal.ofPromise(promiseId(3), 9)).flatMap(({ steps }) => steps).length, 10);
  },

  'loses the runs of a promise with the promise': async ({ stores: { journal, promises } }) => {
    const done = promiseAfter(
      buildPromise({ id: promiseId(3) }),
      { type: 'start', at: START, workerId: 'w', leaseMs: 1_000 },
      { type: 'complete', at: START + 1, workerId: 'w', attempt: 1, result: 'ok' },
    );
    await promises.add([done]);
    for (const id of [3, 4]) await journal.append(entries(buildRun(`r${id}`, { promiseId: promiseId(id) }), 0, [model('a')]));
    const times = { settledBefore: START + 100, undeliveredBefore: START + 100 };
    assert.deepEqual(await promises.purge({ ...times, limit: 10 }), [3]);
    assert.deepEqual(await journal.ofPromise(promiseId(3), 9), []);
    assert.equal((await journal.ofPromise(promiseId(4), 9))[0]?.steps.length, 1);
  },

  'moves the open run of a chat with the chat': async ({ stores: { chatMoves, journal } }) => {
    const to = telegramChat(-1_001_234_567_890);
    await journal.append(entries(buildRun('r'), 0, [model('a')]));
    await chatMoves.add({ from: CHAT, to, at: START });
    assert.equal(await journal.openTurn(CHAT), undefined);
    const moved = await journal.openTurn(to);
    assert.deepEqual([moved?.id, moved?.chatId, moved?.asked], ['r', to, buildRun('r').asked]);
  },
};
