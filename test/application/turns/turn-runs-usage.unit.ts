import { expect } from 'chai';
import { makePurgeRuns } from '../../../src/application/worker/purge-runs.ts';
import { NO_USAGE } from '../../../src/domain/index.ts';
import { type LanguageModel, PortError } from '../../../src/ports/index.ts';
import {
  buildMessage,
  buildTool,
  makeRecordingEvents,
  makeScriptedModel,
  type ScriptedStep,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { makeLifetime, mortalStorage } from '../crashes/process-lifetime.ts';
import { advance, makeProcess, makeWorld, type ProcessOptions, settle, type World } from '../support/harness.ts';
import { ask, chat, running } from '../support/turn-harness.ts';

const REPLY = { ...NO_USAGE, inputTokens: 1 };
const look = buildTool({ name: 'make_promise', effect: 'reads' });
const looking: ScriptedStep = { toolCalls: [{ id: 'c', tool: 'make_promise', input: {} }], usage: REPLY };

const processOver = (world: World, model: LanguageModel, options: ProcessOptions = {}) =>
  makeProcess(world, { model, tools: [look], ...options });
const used = async (world: World): Promise<number> => (await world.storage.stores.turns.usage(chat, 0)).inputTokens;
const openRun = (world: World) => world.storage.stores.journal.openTurn(chat);

/** A turn whose process died after two replies were stored. */
const interrupted = async () => {
  const world = makeWorld();
  const model = makeScriptedModel([looking, looking, { hang: true }]);
  const life = makeLifetime();
  const process = processOver(world, model, { life });
  await process.receive(ask(1));
  void process.answerChat(chat, running);
  await model.untilAsked(3);
  life.end();
  expect(await used(world)).to.equal(0);
  return world;
};
const edit = (text: string) => buildMessage({ messageId: telegramMessage(1), text, edited: true });

describe('The usage of a turn that was interrupted', () => {
  it('counts each stored reply once, wherever its process dies', async () => {
    for (let at = 1; ; at++) {
      const world = makeWorld();
      let asked = 0;
      const model: LanguageModel = {
        name: 'steady/steady-1',
        respond: async ({ conversation }) => {
          asked++;
          const isDone = conversation.filter(({ role }) => role === 'tool').length === 2;
          const toolCalls = isDone ? [] : [{ id: 'c', tool: 'make_promise', input: {} }];
          return { text: 'Seen.', toolCalls, stop: isDone ? 'end' : 'tool_calls', usage: REPLY, model: 'steady-1' };
        },
      };
      const life = makeLifetime();
      const first = processOver(world, model, { life });
      await first.receive(ask(1));
      life.endAfter(at);
      const turn = first.answerChat(chat, running);
      for (let turns = 0; turns < 50 && !life.ended; turns++) await settle();
      const hasDied = life.ended;
      if (!hasDied) await turn;
      await processOver(world, model).answerChat(chat, running);
      expect(await world.storage.stores.outbox.answering(chat, telegramMessage(1)), `death at ${at}`).to.have.length(1);
      expect(await used(world), `death at ${at}, ${asked} replies`).to.be.within(asked - (hasDied ? 1 : 0), asked);
      if (!hasDied) break;
    }
  });

  it('counts what earlier processes recorded where the turn is stopped, also before it has gone on', async () => {
    const world = await interrupted();
    const process = processOver(world, makeScriptedModel([]));
    await process.receive(ask(2, '/stop'));
    await process.answerChat(chat, running);
    expect(await used(world)).to.equal(2);
    expect(await openRun(world)).to.equal(undefined);

    const other = await interrupted();
    const model = makeScriptedModel([{ hang: true }]);
    const goesOn = processOver(other, model);
    const turn = goesOn.answerChat(chat, running);
    await model.untilAsked(1);
    await goesOn.receive(ask(2, '/stop'));
    await turn;
    expect(await used(other)).to.equal(2);
    expect(await openRun(other)).to.equal(undefined);
  });

  it('counts what earlier processes recorded where its message was edited, and tells of it once', async () => {
    const world = await interrupted();
    const process = processOver(world, makeScriptedModel([{ text: 'Another answer.', usage: REPLY }]));
    await process.receive(edit('something else'));
    await process.answerChat(chat, running);
    expect(await used(world)).to.equal(3);
    expect(process.recorded.of('turn-restarted')).to.have.length(1);
  });

  it('ends what was interrupted again later if storage fails at it', async () => {
    const world = await interrupted();
    let fails = true;
    const process = processOver(world, makeScriptedModel([{ text: 'Another answer.', usage: REPLY }]), {
      onUnitCall: (call) => {
        if (call === 'journal.end' && fails) {
          fails = false;
          throw new PortError('unavailable', 'disk full', { retryable: true });
        }
      },
    });
    await process.receive(edit('something else'));
    expect(await process.answerChat(chat, running).catch((error: unknown) => error)).to.include({ code: 'unavailable' });
    expect(await used(world)).to.equal(0);
    await process.answerChat(chat, running);
    expect(await used(world)).to.equal(3);
  });

  it('counts once where nobody goes on with it until its steps are purged, in the commit that ends it', async () => {
    const world = await interrupted();
    const { storage, clock, changes, randomness } = world;
    const { journal, turns } = storage.stores;
    let failures = 0;
    const { unitOfWork } = mortalStorage(storage, makeLifetime(), changes, (call) => {
      if (call === 'journal.end' && failures++ === 0) throw new PortError('unavailable', 'disk full', { retryable: true });
    });
    const lastAt = (await openRun(world))?.steps.at(-1)?.at ?? 0;
    const events = makeRecordingEvents();
    const loop = makePurgeRuns({ journal, unitOfWork, retentionMs: 60 * 60_000, changes, clock, randomness, events });
    loop.start();
    await advance(world, 30 * 60_000);
    expect([await used(world), (await openRun(world))?.steps.length], 'it may go on yet').to.deep.equal([0, 4]);
    await advance(world, 4 * 60 * 60_000);
    expect(failures).to.equal(2);
    expect([await used(world), await openRun(world)]).to.deep.equal([2, undefined]);
    expect(events.of('runs-purged').map(({ count }) => count)).to.deep.equal([1]);
    expect((await turns.usage(chat, lastAt + 1)).inputTokens, 'it is of the time of its last step').to.equal(0);
    await loop.stop();
  });

  it('counts failed calls of a process that stops at once, and its replies with the answer', async () => {
    const world = makeWorld();
    const model = makeScriptedModel([
      looking,
      () => ({ error: new PortError('aborted', 'the request was aborted', { retryable: false, usage: { ...NO_USAGE, inputTokens: 7 } }) }),
    ]);
    const { respond } = model;
    const stopping = new AbortController();
    model.respond = (request, options) => {
      if (model.requests.length === 1) stopping.abort();
      return respond(request, { ...options, signal: running });
    };
    const process = processOver(world, model);
    await process.receive(ask(1));
    await process.answerChat(chat, stopping.signal).catch((error: unknown) => error);
    expect(await used(world)).to.equal(7);
    await processOver(world, makeScriptedModel([{ text: 'Done.', usage: REPLY }])).answerChat(chat, running);
    expect(await used(world)).to.equal(9);
  });

  it('counts once a turn whose commit was stored, though the storage said that it failed', async () => {
    for (const script of [[{ text: 'Hello.', usage: REPLY }], [looking, { text: 'Hello.', usage: REPLY }]]) {
      const world = makeWorld();
      const { unitOfWork, stores } = world.storage;
      let failures = 0;
      const run = async <T>(work: Parameters<typeof unitOfWork.run<T>>[0]): Promise<T> => {
        const value = await unitOfWork.run(work);
        if (failures > 0 || (await stores.outbox.answering(chat, telegramMessage(1))).length === 0) return value;
        failures++;
        throw new PortError('unavailable', 'the answer was lost', { retryable: true });
      };
      await processOver(world, makeScriptedModel([])).receive(ask(1));
      const process = processOver({ ...world, storage: { ...world.storage, unitOfWork: { run } } }, makeScriptedModel(script));
      await process.answerChat(chat, running).catch(() => undefined);
      expect(await process.answerChat(chat, running)).to.equal(false);
      expect([failures, await used(world)]).to.deep.equal([1, script.length]);
    }
  });
});
