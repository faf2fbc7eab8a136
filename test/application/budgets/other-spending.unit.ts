import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeOpenSpending } from '../../../src/application/index.ts';
import { NO_USAGE, type PromiseId } from '../../../src/domain/index.ts';
import type { UnitOfWork } from '../../../src/ports/index.ts';
import {
  buildMessage,
  buildPolicy,
  makeFixedClock,
  makeRecordingEvents,
  makeScriptedModel,
  makeSeededRandomness,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, settle } from '../support/harness.ts';
import { dollars, PRICES, reply } from './stage.ts';

const spender = {
  chatId: telegramChat(501),
  chatKind: 'direct' as const,
  person: telegramUser(501),
  agent: 'claude-code',
  promiseId: 1 as PromiseId,
};
const open = (daily?: number) => {
  const { unitOfWork, stores } = makeMemoryStorage();
  const policy = buildPolicy(daily === undefined ? {} : { budget: dollars({ daily }) });
  const deps = { unitOfWork, policy, prices: PRICES, clock: makeFixedClock(), randomness: makeSeededRandomness(1) };
  const openSpending = makeOpenSpending({ ...deps, redact: (text) => text, events: makeRecordingEvents() });
  return { spending: openSpending(spender, new AbortController().signal, 'run'), ledger: stores.ledger, clock: deps.clock };
};

describe('The run of a coding agent', () => {
  it('has the cost that it tells, with or without a budget', async () => {
    for (const daily of [undefined, 5_000_000]) {
      const { spending } = open(daily);
      const run = await spending.beginCoding('claude-code', 2);
      run.end({ usage: { ...NO_USAGE, outputTokens: 9 }, costUsd: 0.1234565, how: 'ended' });
      const [entry] = spending.entries();
      expect(entry).to.deep.include({ id: 'run-0', on: 'coding', name: 'claude-code', cost: 123_457, promiseId: 1 });
    }
  });

  it('reserves the most that it may cost, which stands where it tells nothing', async () => {
    const { spending, ledger, clock } = open(5_000_000);
    const run = await spending.beginCoding('claude-code', 2);
    expect(await ledger.reserved(clock.now())).to.equal(2_000_000);
    run.end({ usage: NO_USAGE, how: 'broken' });
    expect(spending.entries()[0]).to.deep.include({ cost: 2_000_000, estimated: true });
    expect(spending.unsettled()).to.deep.equal(['run-0']);
  });

  it('is not begun within a budget if nobody limits what it may cost', async () => {
    const error = await Promise.resolve(open(5_000_000).spending.beginCoding('acp', undefined)).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'over-budget', retryable: false });
  });
});

describe('A summary of a chat', () => {
  const summedUp = async (daily?: number) => {
    const world = makeWorld();
    const answers = Array.from({ length: 12 }, (_, n) => reply(`answer ${n}`, 10));
    const summaryModel = makeScriptedModel([reply('They spoke of trains.', 20)], 'scripted/one');
    const process = makeProcess(world, {
      model: makeScriptedModel(answers, 'rehearsal/offline'),
      summaryModel,
      prices: PRICES,
      policy: buildPolicy(daily === undefined ? {} : { budget: dollars({ daily }) }),
    });
    for (let n = 1; n <= 12; n++) {
      await process.receive(buildMessage({ messageId: telegramMessage(n), text: `question ${n}`, sentAt: world.clock.now() }));
      await process.answerChat(telegramChat(501), new AbortController().signal);
      await settle();
    }
    const byAgent = await world.storage.stores.ledger.usage({ by: 'agent', limit: 5 });
    return { asked: summaryModel.requests.length, row: byAgent.find(({ key }) => key === 'summary'), process };
  };

  it('leaves its entry in the ledger, with its price', async () => {
    const { asked, row } = await summedUp();
    expect([asked, row?.calls, row?.cost]).to.deep.equal([1, 1, 200]);
  });

  it('is not made where a budget leaves nothing for it', async () => {
    const { asked, row, process } = await summedUp(1);
    expect([asked, row]).to.deep.equal([0, undefined]);
    expect(process.recorded.of('conversation-not-summed-up')).to.have.length(1);
  });
});

describe('A message without a budget', () => {
  it('costs two units of work, one where it comes in and one where it is answered, as before the ledger', async () => {
    const storage = makeMemoryStorage();
    const world = makeWorld({ storage });
    const units: string[] = [];
    const unitOfWork: UnitOfWork = {
      run: (work) => {
        units.push('unit');
        return storage.unitOfWork.run(work);
      },
    };
    const process = makeProcess(
      { ...world, storage: { ...storage, unitOfWork } },
      { model: makeScriptedModel([reply('Hi.')], 'scripted/one'), prices: PRICES },
    );
    await process.receive(buildMessage({ text: 'hello', sentAt: world.clock.now() }));
    await process.answerChat(telegramChat(501), new AbortController().signal);
    expect(units).to.have.length(2);
    expect((await storage.stores.ledger.total({})).calls).to.equal(1);
  });
});
