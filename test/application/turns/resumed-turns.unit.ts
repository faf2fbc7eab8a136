import { expect } from 'chai';
import { makeExplainMessage } from '../../../src/application/inbox/explain-message.ts';
import { type AgentCatalog, CHAT_AGENT } from '../../../src/application/index.ts';
import { makePurgeRuns } from '../../../src/application/worker/purge-runs.ts';
import type { Stores, UnitOfWork } from '../../../src/ports/index.ts';
import { buildMessage, makeRecordingEvents, makeScriptedModel, telegramMessage } from '../../../src/testing/index.ts';
import { onlyAgent } from '../../support/catalogs.ts';
import { advance, makeProcess, makeWorld, settle } from '../support/harness.ts';
import { ask, chat, promising, running, stage } from '../support/turn-harness.ts';

describe('A turn that was interrupted', () => {
  /** Lets a process die while its model is asked for the second time. */
  const interrupted = async (messages = [ask(1)]) => {
    const world = makeWorld();
    const { process, model } = await stage([promising('Compare'), { hang: true }], messages, { world });
    const stopping = new AbortController();
    const turn = process.answerChat(chat, stopping.signal).catch((error: unknown) => error);
    await model.untilAsked(2);
    stopping.abort();
    await turn;
    return { world, asked: model.requests[1] };
  };
  const nextProcess = (world: ReturnType<typeof makeWorld>, text: string) => {
    const model = makeScriptedModel([{ text }, { text: 'And this.' }]);
    return { model, process: makeProcess(world, { model }) };
  };

  it('asks for no reply again that it has, with the very same conversation', async () => {
    const { world, asked } = await interrupted();
    const { process, model } = nextProcess(world, 'As promised.');
    await process.answerChat(chat, running);
    expect(model.requests).to.have.length(1);
    expect(model.requests[0]?.conversation).to.deep.equal(asked?.conversation);
    const promises = await world.storage.stores.promises.find({ limit: 10 });
    expect(promises.map(({ description }) => description)).to.deep.equal(['Compare']);
  });

  it('leaves messages that came meanwhile for the next turn', async () => {
    const { world } = await interrupted();
    const { process, model } = nextProcess(world, 'As promised.');
    await process.receive(ask(2));
    expect(await process.answerChat(chat, running)).to.equal(true);
    expect(await process.answerChat(chat, running)).to.equal(true);
    expect(await process.answerChat(chat, running)).to.equal(false);
    const outbox = world.storage.stores.outbox;
    expect(await outbox.answering(chat, telegramMessage(1))).to.have.length(1);
    expect(await outbox.answering(chat, telegramMessage(2))).to.have.length(1);
    expect(model.requests).to.have.length(2);
  });

  it('begins again where its message was edited meanwhile', async () => {
    const { world } = await interrupted();
    const { process, model } = nextProcess(world, 'Another answer.');
    await process.receive(buildMessage({ messageId: telegramMessage(1), text: 'something else', edited: true }));
    await process.answerChat(chat, running);
    expect(JSON.stringify(model.requests[0]?.conversation)).not.to.include('toolCalls":[{');
    expect(await world.storage.stores.promises.find({ limit: 10 })).to.deep.equal([]);
  });

  it('counts what was used before once, with the answer', async () => {
    const { world } = await interrupted();
    const before = await world.storage.stores.turns.usage(chat, 0);
    const { process } = nextProcess(world, 'As promised.');
    await process.answerChat(chat, running);
    const after = await world.storage.stores.turns.usage(chat, 0);
    expect([before.turns + before.attempts, after.turns, after.attempts]).to.deep.equal([0, 1, 0]);
  });

  it('is over once it is answered: its steps stand with the turn', async () => {
    const { world } = await interrupted();
    const { process } = nextProcess(world, 'As promised.');
    await process.answerChat(chat, running);
    const { journal, messages } = world.storage.stores;
    expect(await journal.openTurn(chat)).to.equal(undefined);
    const verdict = (await messages.get(chat, telegramMessage(1)))?.verdict;
    const run = verdict?.kind === 'answered' ? await journal.ofTurn(verdict.turnId) : undefined;
    expect(run?.steps.map(({ kind }) => kind)).to.deep.equal(['model', 'tool', 'model']);
  });

  it('tells of its steps where its message is explained, also while it is interrupted', async () => {
    const { world } = await interrupted();
    const explain = makeExplainMessage({ stores: world.storage.stores });
    const half = await explain(chat, telegramMessage(1));
    expect(half?.steps.map(({ kind }) => kind)).to.deep.equal(['model', 'tool']);
    await nextProcess(world, 'As promised.').process.answerChat(chat, running);
    const whole = await explain(chat, telegramMessage(1));
    expect(whole?.steps.map(({ kind }) => kind)).to.deep.equal(['model', 'tool', 'model']);
    expect(whole?.lines.filter((line) => line.startsWith('Step '))).to.have.length(3);
    expect(whole?.lines.join('\n')).to.match(/Step 2: make_promise: done, \d+ ms\./);
  });

  it('is answered by the agent that its steps are stored for, chosen once', async () => {
    let chosen = 0;
    const agents: AgentCatalog = { ...onlyAgent(CHAT_AGENT), chatAgent: () => ({ ...CHAT_AGENT, name: `agent-${++chosen}` }) };
    const { process, stores } = await stage([promising('Compare'), { text: 'Done.' }], [ask(1)], { agents });
    await process.answerChat(chat, running);
    const [committed] = process.recorded.of('turn-committed');
    if (!committed) throw new Error('nothing was answered');
    expect([chosen, committed.agent]).to.deep.equal([1, 'agent-1']);
    expect((await stores.journal.ofTurn(committed.turnId))?.agent).to.equal('agent-1');
  });

  it('is purged some time after its end', async () => {
    const { world } = await interrupted();
    await nextProcess(world, 'As promised.').process.answerChat(chat, running);
    const { journal, messages } = world.storage.stores;
    const verdict = (await messages.get(chat, telegramMessage(1)))?.verdict;
    if (verdict?.kind !== 'answered') throw new Error('it was not answered');
    const events = makeRecordingEvents();
    const loop = makePurgeRuns({ ...world, journal, unitOfWork: world.storage.unitOfWork, retentionMs: 1_000, events });
    loop.start();
    await settle();
    expect(await journal.ofTurn(verdict.turnId)).not.to.equal(undefined);
    await advance(world, 2 * 60 * 60_000);
    expect(await journal.ofTurn(verdict.turnId)).to.equal(undefined);
    expect(events.of('runs-purged').map(({ count }) => count)).to.deep.equal([1]);
    await loop.stop();
  });

  it('costs an answer without tools nothing but one look, the first time that its chat is answered', async () => {
    const world = makeWorld();
    const { stores, unitOfWork } = world.storage;
    const calls: string[] = [];
    const tells = <Part extends { readonly journal: Stores['journal'] }>(part: Part): Part => ({
      ...part,
      journal: new Proxy(part.journal, {
        get: (target, key) => {
          const member: unknown = Reflect.get(target, key);
          return typeof member === 'function' ? (...args: unknown[]) => calls.push(String(key)) && member.apply(target, args) : member;
        },
      }),
    });
    const run: UnitOfWork['run'] = (work) => unitOfWork.run((unit) => work(tells(unit)));
    const storage = { ...world.storage, stores: tells(stores), unitOfWork: { run } };
    const { process } = await stage([{ text: 'Hello.' }, { text: 'Hello again.' }], [ask(1)], { world: { ...world, storage } });
    await process.answerChat(chat, running);
    expect(calls).to.deep.equal(['openTurn']);
    await process.receive(ask(2));
    await process.answerChat(chat, running);
    expect(calls).to.deep.equal(['openTurn']);
  });

  it('stores no run for an answer without tools', async () => {
    const { process, world } = await stage([{ text: 'Hello.' }], [ask(1)]);
    await process.answerChat(chat, running);
    const verdict = (await world.storage.stores.messages.get(chat, telegramMessage(1)))?.verdict;
    expect(verdict?.kind === 'answered' && (await world.storage.stores.journal.ofTurn(verdict.turnId))).to.equal(undefined);
  });
});
