import { expect } from 'chai';
import { withReplyLimits } from '../../../src/application/index.ts';
import type { MicroUsd, PromiseId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import {
  buildMessage,
  buildPolicy,
  buildWorkspace,
  makeScriptedModel,
  START,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { advance, makeProcess, settle } from '../support/harness.ts';
import { answerTo, DAY_MS, dollars, FULL, held, list, PRICES, reply, spent, stage, stops, used } from './stage.ts';

describe('A budget', () => {
  it('is reserved before a call and settled with what it cost, in the commit of the turn', async () => {
    const { world, model, process, say } = stage([reply('One.'), reply('Two.')], { budget: dollars({ daily: 400_000 }) });
    const answer = say();
    await model.untilAsked(1);
    expect(await held(world)).to.equal(FULL);
    expect(await answer).to.equal('One.');
    expect(await held(world)).to.equal(0);
    expect(await spent(world)).to.equal(10_000);
    await say();
    expect(await spent(world)).to.equal(20_000);
    expect(stops(process)).to.deep.equal([]);
  });

  it('is reserved for no longer reply than the model itself may give', async () => {
    const model = makeScriptedModel([reply('One.')], 'scripted/one');
    const limited = withReplyLimits(model, { maxOutputTokens: 1_000 });
    const models = { modelFor: () => limited, byReference: () => limited, cheapest: () => limited };
    const { world, say } = stage([], { budget: dollars({ daily: 400_000 }) }, { models });
    const answer = say();
    await model.untilAsked(1);
    expect(await held(world)).to.equal(10_000);
    expect(await answer).to.equal('One.');
  });

  it('that does not cover the next step ends the run, and says what is left, until when, and who can raise it', async () => {
    const { world, model, process, say } = stage([reply('One.', 10_000)], { budget: dollars({ daily: 400_000 }) });
    await say();
    const words = await say();
    expect(words).to.equal(
      'I could not answer this: What is left of the budget of $0.40 a day ($0.30, until 2026-11-23 00:00 UTC) does not cover the next step, which may cost up to $0.32. Whoever runs me can raise it: budget.daily_usd.\nNothing was changed. Please send it again once there is room.',
    );
    expect(model.requests).to.have.length(1);
    expect(stops(process)).to.deep.equal(['budget.daily_usd']);
    expect(await held(world)).to.equal(0);
    world.clock.advance(DAY_MS);
    expect(await say()).to.match(/the script has no step/);
  });

  it('names the owners of the place who can raise it', async () => {
    const psy = buildWorkspace({
      isDevGroup: true,
      budget: dollars({ monthly: 1 }, { path: 'workspaces.Orchard.budget' }),
      roles: new Map([[telegramUser(501), { role: 'owner', path: 'workspaces.Orchard.roles' }]]),
    });
    const [group] = psy.chatIds;
    if (!group) throw new Error('the workspace has no chat');
    const people = new Map([[telegramUser(501), { name: 'Anna', path: 'people.telegram:501' }]]);
    const { world, process } = stage([], { workspaces: [psy], people });
    const asked = buildMessage({ chatId: group, chatKind: 'group', sentAt: world.clock.now() });
    await process.receive(asked);
    await process.answerChat(group, new AbortController().signal);
    expect(await answerTo(world, asked.messageId, group)).to.include(
      `the budget of $0.000001 a month of the workspace ${JSON.stringify(psy.name)} ($0.000001, until 2026-12-01 00:00 UTC) does not cover the next step, which may cost up to $0.32. Anna, or whoever runs me, can raise it: workspaces.Orchard.budget.monthly_usd.`,
    );
  });

  it('fails closed where a price is not known', async () => {
    const { model, say } = stage([reply('Hi.')], { budget: dollars({ daily: 400_000 }) }, { prices: new Map() });
    expect(await say()).to.include(
      'Nothing is known of what scripted/one costs, and the budget of $0.40 a day (budget.daily_usd) must not be passed: so it was not used.',
    );
    expect(model.requests).to.have.length(0);
  });

  it('holds for a person in every place, and for no other person', async () => {
    const people = new Map([
      [
        telegramUser(501),
        { name: 'Ada', path: 'people.telegram:501', budget: dollars({ daily: 1 }, { path: 'people.telegram:501.budget' }) },
      ],
    ]);
    const { say, process } = stage([reply('Hi.')], { people });
    expect(await say()).to.match(/of the person who asked/);
    expect(stops(process)).to.deep.equal(['people.telegram:501.budget.daily_usd']);
  });

  it('warns the chat once a day, and lets the cheaper model answer from then on', async () => {
    const cheap = makeScriptedModel([reply('Cheap.', 10), reply('Cheap again.', 10), reply('Cheap still.', 10)], 'scripted/cheap');
    const usual = makeScriptedModel([reply('Usual.', 32_000)], 'scripted/one');
    const models = { modelFor: () => usual, byReference: () => cheap, cheapest: () => cheap };
    const { world, process, say } = stage(
      [],
      { budget: dollars({ daily: 420_000 }, { warnAt: 0.5, cheaperModel: 'scripted/cheap' }) },
      { models },
    );
    expect(await say()).to.equal('Usual.');
    expect(await say()).to.equal('Cheap.');
    expect(await say()).to.equal('Cheap again.');
    const warning = await world.storage.stores.outbox.named('budget:budget.daily_usd:2026-11-22:telegram:501');
    expect(warning?.text).to.equal(
      '76 % of the budget of $0.42 a day is used or reserved (until 2026-11-23 00:00 UTC). From here on scripted/cheap answers.',
    );
    expect(process.recorded.events.filter(({ type }) => type === 'budget-warned')).to.have.length(1);
  });

  it('asks the cheaper model where the usual one does not fit', async () => {
    const cheap = makeScriptedModel([reply('Cheap.', 10)], 'scripted/cheap');
    const usual = makeScriptedModel([], 'scripted/one');
    const models = { modelFor: () => usual, byReference: () => cheap, cheapest: () => cheap };
    const { say, process } = stage([], { budget: dollars({ daily: 100_000 }, { cheaperModel: 'scripted/cheap' }) }, { models });
    expect(await say()).to.equal('Cheap.');
    expect(process.recorded.events.some(({ type }) => type === 'cheaper-model-chosen')).to.equal(true);
  });

  it('is refunded where the model failed before it was paid, and holds the estimate where a stream broke off', async () => {
    const refused = new PortError('unauthorised', 'no key', { retryable: false });
    const broken = new PortError('unavailable', 'broke off', { retryable: false });
    const { world, say } = stage([{ error: refused }, { error: broken, deltas: ['Hel'] }], { budget: dollars({ daily: 1_000_000 }) });
    await say();
    expect([await spent(world), await held(world)]).to.deep.equal([0, 0]);
    await say();
    expect([await spent(world), await held(world)]).to.deep.equal([FULL, 0]);
  });

  it('counts a run over midnight to the day on which its call began', async () => {
    const midnight = START - (START % DAY_MS) + DAY_MS;
    const { world, model, say } = stage([{ hang: true }, reply('Morning.', 32_000)], { budget: dollars({ daily: FULL }) });
    world.clock.advance(midnight - 1_000 - world.clock.now());
    const evening = say();
    await model.untilAsked(1);
    await advance(world, 31_000, 1_000);
    await evening;
    const { ledger } = world.storage.stores;
    const days = await ledger.usage({ by: 'day', limit: 5 });
    expect(days.map(({ key }) => key)).to.deep.equal(['2026-11-22']);
  });

  it('waits for what others have reserved and may not need, and says so if it stays so', async () => {
    const { world, process, model, say } = stage([reply('At last.')], { budget: dollars({ daily: FULL }) });
    const other = { id: 'other', at: world.clock.now(), name: 'scripted/one', chatId: telegramChat(1), cost: FULL as MicroUsd };
    await world.storage.stores.ledger.reserve({ ...other, expiresAt: world.clock.now() + 60_000 }, [], world.clock.now());
    const waiting = say();
    await advance(world, 2_000, 500);
    expect(model.requests).to.have.length(0);
    await world.storage.stores.ledger.release(['other']);
    await advance(world, 1_000, 500);
    expect(await waiting).to.equal('At last.');
    await world.storage.stores.ledger.reserve({ ...other, expiresAt: world.clock.now() + 600_000 }, [], world.clock.now());
    const refused = say();
    await advance(world, 25_000, 500);
    expect(await refused).to.match(/What is left of the budget of \$0\.32 a day/);
    expect(stops(process)).to.have.length(1);
  });

  it('of a process that has died is free again once its lease has lapsed; a living one renews it', async () => {
    const { world, model, process, say } = stage(
      [{ hang: true }, reply('Next.')],
      { budget: dollars({ daily: FULL }) },
      { turn: { replyTimeoutMs: 400_000 } },
    );
    const answer = say();
    await model.untilAsked(1);
    await advance(world, 300_000, 10_000);
    expect(await held(world)).to.equal(FULL);
    process.life.end();
    await advance(world, 40_000, 10_000);
    expect(await held(world)).to.equal(0);
    void answer.catch(() => undefined);
    const next = makeProcess(world, { model, prices: PRICES, policy: buildPolicy({ budget: dollars({ daily: FULL }) }) });
    await next.answerChat(telegramChat(501), new AbortController().signal);
    expect(await answerTo(world, telegramMessage(1))).to.include('Next.');
    expect(next.recorded.events.some(({ type }) => type === 'reservations-lapsed')).to.equal(true);
  });

  it('for 40 of 100 runs at once admits exactly 40, and the ledger tells what they used to the millionth', async () => {
    const script = Array.from({ length: 100 }, () => reply('The train leaves at nine from platform 4.', 32_000));
    const { world, model, process } = stage(
      script,
      { budget: dollars({ daily: 40 * FULL }) },
      { work: { concurrency: 100, tenantConcurrency: 100 } },
    );
    const made: PromiseId[] = [];
    for (let n = 0; n < 100; n++) {
      const asked = { chatId: telegramChat(501), chatKind: 'direct' as const, requestedBy: { id: telegramUser(501) } };
      const promise = await process.make({ description: `work ${n}` }, asked);
      if (!promise.ok) throw new Error(promise.error.message);
      made.push(promise.value.promise.id);
    }
    process.worker.start();
    await advance(world, 60_000, 500);
    const promises = await world.storage.stores.promises.getMany(made);
    const kept = promises.filter(({ status }) => status === 'completed');
    const failed = promises.filter(({ status }) => status === 'failed');
    expect([kept.length, failed.length]).to.deep.equal([40, 60]);
    expect(model.requests).to.have.length(40);
    expect(await spent(world)).to.equal(40 * FULL);
    expect(await held(world)).to.equal(0);
    expect(failed[0]).to.deep.include({ attempts: 1 });
    await process.worker.stop(0);
    await settle();
  });

  it('of a promise ends it before it costs more', async () => {
    const step = { toolCalls: [{ id: '1', tool: 'list', input: {} }], usage: used(32_000) };
    const { world, model, process } = stage(
      [step, step, step],
      {},
      { moreTools: [list], perPromise: dollars({ perPromise: 2 * FULL }, { path: 'KEPT_PROMISE_USD' }) },
    );
    const asked = { chatId: telegramChat(501), chatKind: 'direct' as const, requestedBy: { id: telegramUser(501) } };
    const made = await process.make({ description: 'look' }, asked);
    process.worker.start();
    await advance(world, 30_000, 500);
    const promise = made.ok ? await world.storage.stores.promises.get(made.value.promise.id) : undefined;
    expect(promise?.status).to.equal('failed');
    expect(model.requests).to.have.length(2);
    expect(promise && 'error' in promise ? promise.error.message : '').to.equal(
      'The $0.64 that one promise may cost is used up. Whoever runs me can raise it: KEPT_PROMISE_USD.',
    );
    expect(await spent(world)).to.equal(2 * FULL);
    await process.worker.stop(0);
  });
});
