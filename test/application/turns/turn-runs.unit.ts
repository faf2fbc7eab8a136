import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import { makeHistoryLimits } from '../../../src/application/turns/history-limits.ts';
import { makeTurnConversation } from '../../../src/application/turns/turn-conversation.ts';
import { makeTurnRuns } from '../../../src/application/turns/turn-run.ts';
import type { RunStep } from '../../../src/domain/agent/run-step.ts';
import { turnSettings } from '../../../src/domain/conversation/turn-settings.ts';
import { type Agent, NO_USAGE, turnId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import {
  buildEntry,
  buildPolicy,
  buildRecord,
  makeFixedClock,
  makeRecordingEvents,
  makeSeededRandomness,
  START,
  telegramChat,
} from '../../../src/testing/index.ts';
import { buildModelStep, usageOf } from '../../support/run-steps.ts';
import { chat, running } from '../support/turn-harness.ts';

const intent = { kind: 'intent', at: START, call: 0, tool: 'send' } as const;

const reply = (inputTokens: number): RunStep => buildModelStep({ usage: usageOf(inputTokens), stop: 'tool_calls' });
const turn = { id: turnId('t'), chatId: chat, agent: 'chat', startedAt: START };

describe('The runs of turns', () => {
  let storage = makeMemoryStorage();
  beforeEach(() => {
    storage = makeMemoryStorage();
  });
  const processOver = (seed: number) => {
    const events = makeRecordingEvents();
    const { unitOfWork, stores } = storage;
    const parts = { journal: stores.journal, unitOfWork, randomness: makeSeededRandomness(seed), clock: makeFixedClock(), events };
    return { runs: makeTurnRuns(parts), events };
  };
  const messages = [buildRecord()] as const;
  const agentNamed = (name: string): Agent => ({ ...CHAT_AGENT, name });

  /** A process that dies once its run has a step. */
  const leave = async (name = 'chat'): Promise<string> => {
    const { runs } = processOver(1);
    const opened = await runs.open(chat, messages, agentNamed(name));
    opened.journal.add(intent);
    await opened.journal.flush(new AbortController().signal);
    return opened.journal.run.id;
  };

  it('go on in the next process', async () => {
    const id = await leave();
    const { goesOn, journal: own } = await processOver(2).runs.open(chat, messages, agentNamed('chat'));
    expect([goesOn, own.run.id]).to.deep.equal([true, id]);
  });

  it('do not go on with another agent: the run of the earlier one is ended, and told of', async () => {
    const id = await leave('earlier');
    const { runs, events } = processOver(2);
    const { goesOn, journal: own } = await runs.open(chat, messages, agentNamed('chat'));
    expect(goesOn).to.equal(false);
    expect(own.run.id).to.not.equal(id);
    expect(events.of('turn-restarted')).to.have.length(1);
    expect(await storage.stores.journal.openTurn(chat)).to.equal(undefined);
  });

  it('are looked up once for each chat, and again where that was many chats ago', async () => {
    const lookedUp: string[] = [];
    const { journal } = storage.stores;
    const openTurn: typeof journal.openTurn = (chatId) => {
      lookedUp.push(chatId);
      return journal.openTurn(chatId);
    };
    const { unitOfWork } = storage;
    const randomness = makeSeededRandomness(1);
    const parts = { journal: { ...journal, openTurn }, unitOfWork, randomness, clock: makeFixedClock(), events: makeRecordingEvents() };
    const runs = makeTurnRuns(parts);
    const chats = Array.from({ length: 10_001 }, (_, at) => telegramChat(at + 1));
    for (const chatId of chats) await runs.stop(chatId);
    expect(lookedUp).to.have.length(10_001);
    await runs.stop(telegramChat(10_001));
    await runs.open(telegramChat(2), messages, agentNamed('chat'));
    expect(lookedUp).to.have.length(10_001);
    await runs.stop(telegramChat(1));
    expect(lookedUp.slice(10_001)).to.deep.equal([telegramChat(1)]);
  });

  it('do not go on once they are dropped', async () => {
    const { runs } = processOver(1);
    const opened = await runs.open(chat, messages, agentNamed('chat'));
    opened.journal.add(intent);
    await opened.journal.flush(new AbortController().signal);
    await runs.leave(opened.journal, { ...turn, usage: NO_USAGE, goesOn: false });
    expect((await processOver(2).runs.open(chat, messages, agentNamed('chat'))).goesOn).to.equal(false);
  });

  it('go on in the same process where they were interrupted, or where their end was not stored', async () => {
    for (const goesOn of [true, false]) {
      storage = makeMemoryStorage();
      const { unitOfWork } = storage;
      let isAway = false;
      const run: typeof unitOfWork.run = (work) =>
        isAway ? Promise.reject(new PortError('unavailable', 'disk full', { retryable: true })) : unitOfWork.run(work);
      storage = { ...storage, unitOfWork: { run } };
      const { runs, events } = processOver(1);
      const opened = await runs.open(chat, messages, agentNamed('chat'));
      opened.journal.add(intent);
      await opened.journal.flush(running);
      isAway = !goesOn;
      await runs.leave(opened.journal, { ...turn, usage: usageOf(3), goesOn });
      expect(events.of('usage-not-stored').map(({ usage: lost }) => lost.inputTokens)).to.deep.equal(goesOn ? [] : [3]);
      isAway = false;
      expect((await runs.open(chat, messages, agentNamed('chat'))).goesOn, `interrupted: ${goesOn}`).to.equal(true);
    }
  });

  it('are not ended by a process that has lost them; it records what it paid beside what is stored', async () => {
    const first = processOver(1);
    const opened = await first.runs.open(chat, messages, agentNamed('chat'));
    opened.journal.add(reply(1));
    await opened.journal.flush(running);
    const next = await processOver(2).runs.open(chat, messages, agentNamed('chat'));
    next.journal.add(reply(10));
    await next.journal.flush(running);
    opened.journal.add(reply(2));
    await first.runs.leave(opened.journal, { ...turn, usage: usageOf(7), goesOn: false });
    expect((await storage.stores.turns.usage(chat, 0)).inputTokens).to.equal(6);
    expect((await storage.stores.journal.openTurn(chat))?.steps).to.have.length(2);
    expect(first.events.of('usage-not-stored')).to.deep.equal([]);
  });
});

describe('The conversation of a turn that goes on', () => {
  it('has what was said up to the beginning of the turn, and nothing of later', async () => {
    const { stores } = makeMemoryStorage();
    await stores.conversations.append([buildEntry('before', { at: START }), buildEntry('meanwhile', { at: START + 2 })]);
    const conversation = makeTurnConversation({
      stores,
      policy: buildPolicy(),
      limits: makeHistoryLimits(makeFixedClock()),
      settings: turnSettings({}),
    });
    const shown = async (goesOn: boolean): Promise<string> =>
      JSON.stringify(
        await conversation([buildRecord()], chat, { startedAt: START + 1, goesOn, directory: '/srv', signal: running, ended: running }),
      );
    expect(await shown(true))
      .to.include('before')
      .and.not.include('meanwhile');
    expect(await shown(false)).to.include('meanwhile');
  });
});
