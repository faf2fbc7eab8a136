import { expect } from 'chai';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import { cardText } from '../../../src/domain/approval/card-text.ts';
import { type ApprovalId, isSettled, type LedgerEntry, moneyOf, NO_USAGE, type PromiseId } from '../../../src/domain/index.ts';
import { storedOutcomeKey } from '../../../src/domain/promise/outcome.ts';
import { START, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { advance } from '../support/harness.ts';
import { dollars, FULL, list, reply, spent, stage, used } from './stage.ts';

const asked = { chatId: telegramChat(501), chatKind: 'direct' as const, requestedBy: { id: telegramUser(501) } };
const promising = () => [
  { toolCalls: [{ id: '1', tool: 'make_promise', input: { description: 'look' } }], usage: used(10) },
  reply('I look into it: promise #1.', 10),
];
const agent = { ...CHAT_AGENT, tools: ['list', 'make_promise'] };
const looking = { toolCalls: [{ id: '1', tool: 'list', input: {} }], usage: used(32_000) };
const capped = (script: Parameters<typeof stage>[0]) =>
  stage(
    script,
    {},
    { moreTools: [list], agent, asks: true, perPromise: dollars({ perPromise: FULL + 100 }, { path: 'KEPT_PROMISE_USD' }) },
  );

describe('A quote before a promise', () => {
  it('says what it costs at most, and what nine of ten like it have cost', async () => {
    const entry = (n: number): LedgerEntry => ({
      id: `e${n}`,
      at: START,
      on: 'model',
      name: 'scripted/one',
      chatId: telegramChat(501),
      agent: 'valor_agent',
      promiseId: (n + 100) as PromiseId,
      usage: NO_USAGE,
      cost: moneyOf(n * 10_000),
    });
    const nine = Array.from({ length: 9 }, (_, n) => entry(n + 1));
    const few = stage(promising(), {});
    await few.world.storage.stores.ledger.add(nine);
    expect(await few.say(), 'nine are too few').to.equal('I look into it: promise #1.');
    const { world, say } = stage(promising(), { budget: dollars({ perPromise: 2_000_000 }) });
    await world.storage.stores.ledger.add([...nine, entry(10)]);
    expect(await say()).to.equal(
      'I look into it: promise #1.\n\n(This costs at most $2.00 unless somebody allows more; 9 of 10 like it have cost up to $0.09.)',
    );
  });
});

describe('A receipt after a promise', () => {
  it('says what it has cost, all of its attempts together, and nothing where no price is known', async () => {
    const { world, process } = stage(
      [looking, reply('The train leaves at nine from platform 4.', 1_000)],
      {},
      { moreTools: [list], agent },
    );
    await process.make({ description: 'look' }, asked);
    process.worker.start();
    await advance(world, 5_000, 500);
    const kept = await world.storage.stores.promises.get(1 as PromiseId);
    const told = kept && isSettled(kept) ? await world.storage.stores.outbox.named(storedOutcomeKey(kept)) : undefined;
    expect(told?.text).to.match(/is kept: look\n\nThe train leaves at nine from platform 4\.\n\n\(It cost \$0\.33\.\)$/);
    await process.worker.stop(0);
  });
});

describe('A promise that has used up what it may cost', () => {
  it('asks people for as much again, and goes on from its journal with a yes, in any process', async () => {
    const { world, model, process } = capped([looking, reply('The train leaves at nine from platform 4.', 32_000)]);
    await process.make({ description: 'look' }, asked);
    process.worker.start();
    await advance(world, 5_000, 500);
    const { approvals, promises } = world.storage.stores;
    const [approval] = await approvals.list({ limit: 5 });
    expect(approval).to.deep.include({ status: 'asked', promiseId: 1, reason: MORE });
    const card = approval ? cardText(approval, { nameOf: () => undefined }) : '';
    expect(card).to.match(/^Approval #1 is needed: promise #1 does not go on without more money\.\n/);
    expect(approval?.call).to.deep.include({ tool: 'spend', input: { usd: (FULL + 100) / 1e6 } });
    expect((await promises.get(1 as PromiseId))?.status).to.equal('waiting');
    expect(model.requests).to.have.length(1);
    expect(await spent(world)).to.equal(FULL);
    const standing = await process.approvals.decide(approval?.id ?? (0 as never), 'approve', { kind: 'operator' }, { standingMs: 1_000 });
    expect(standing, 'a yes to any amount').to.have.nested.property('error.code', 'approval/standing');
    const decided = await process.approvals.decide(approval?.id ?? (0 as never), 'approve', { kind: 'operator' });
    expect(decided.ok).to.equal(true);
    await advance(world, 5_000, 500);
    expect(await promises.get(1 as PromiseId)).to.deep.include({ status: 'completed' });
    expect((await approvals.list({ limit: 5 })).map(({ status, outcome }) => [status, outcome])).to.deep.equal([
      ['done', 'Promise #1 went on with it, and is kept.'],
    ]);
    expect(await spent(world)).to.equal(2 * FULL);
    await process.worker.stop(0);
  });

  it('ends with a no, says why, and asks anew where a person retries it', async () => {
    const { world, model, process } = capped([looking, reply('The train leaves at nine from platform 4.', 32_000)]);
    await process.make({ description: 'look' }, asked);
    process.worker.start();
    await advance(world, 5_000, 500);
    const { approvals, promises } = world.storage.stores;
    const [approval] = await approvals.list({ limit: 5 });
    await process.approvals.decide(approval?.id ?? (0 as never), 'deny', { kind: 'operator' });
    await advance(world, 5_000, 500);
    const retryAndDecide = async (id: number, yes: boolean) => {
      await process.retry(1 as PromiseId);
      await advance(world, 5_000, 500);
      expect((await approvals.get(id as ApprovalId))?.status, `approval #${id}, of the new run`).to.equal('asked');
      await process.approvals.decide(id as ApprovalId, yes ? 'approve' : 'deny', { kind: 'operator' });
      await advance(world, 5_000, 500);
    };
    const failure = async (): Promise<string> => {
      const promise = await promises.get(1 as PromiseId);
      return promise?.status === 'failed' ? promise.error.message : `${promise?.status}`;
    };
    expect(await failure()).to.match(denied(1));
    expect(model.requests).to.have.length(1);
    await retryAndDecide(2, false);
    expect(await failure()).to.match(denied(2));
    expect(model.requests).to.have.length(1);
    await retryAndDecide(3, true);
    expect(await promises.get(1 as PromiseId)).to.deep.include({ status: 'completed' });
    expect((await approvals.list({ limit: 5 })).map(({ id, status }) => [id, status])).to.deep.equal([
      [3, 'done'],
      [2, 'denied'],
      [1, 'denied'],
    ]);
    await process.worker.stop(0);
  });

  it('keeps what it was allowed where it is retried, so that one more yes is enough', async () => {
    const { world, process } = capped([looking, looking, reply('The train leaves at nine from platform 4.', 32_000)]);
    await process.make({ description: 'look' }, asked);
    process.worker.start();
    const { approvals, promises } = world.storage.stores;
    const decide = async (id: number, verdict: 'approve' | 'deny') => {
      await advance(world, 5_000, 500);
      await process.approvals.decide(id as ApprovalId, verdict, { kind: 'operator' });
      await advance(world, 5_000, 500);
    };
    await decide(1, 'approve');
    await decide(2, 'deny');
    expect((await promises.get(1 as PromiseId))?.status).to.equal('failed');
    expect(await spent(world)).to.equal(2 * FULL);
    await process.retry(1 as PromiseId);
    await decide(3, 'approve');
    expect(await promises.get(1 as PromiseId)).to.deep.include({ status: 'completed' });
    expect((await approvals.list({ limit: 5 })).map(({ id, status }) => [id, status])).to.deep.equal([
      [3, 'done'],
      [2, 'denied'],
      [1, 'failed'],
    ]);
    expect(await spent(world)).to.equal(3 * FULL);
    await process.worker.stop(0);
  });

  it('does not ask where its limit never covered a first step', async () => {
    const { world, model, process } = stage(
      [reply('Never asked for.', 1)],
      {},
      { moreTools: [list], agent, asks: true, perPromise: dollars({ perPromise: FULL - 100 }, { path: 'KEPT_PROMISE_USD' }) },
    );
    await process.make({ description: 'look' }, asked);
    process.worker.start();
    await advance(world, 5_000, 500);
    expect((await world.storage.stores.promises.get(1 as PromiseId))?.status).to.equal('failed');
    expect(await world.storage.stores.approvals.list({ limit: 5 })).to.deep.equal([]);
    expect(model.requests).to.deep.equal([]);
    await process.worker.stop(0);
  });
});

const denied = (id: number): RegExp =>
  new RegExp(`that one promise may cost.* More was asked for: the operator denied it \\(approval #${id}\\)\\.$`);
const MORE =
  'Promise #1, “look”: what is left of what it may cost does not cover its next step. With a yes it may cost another $0.3201; with a no it ends here.';
