import { expect } from 'chai';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import { approvalId } from '../../../src/domain/index.ts';
import { buildMessage, telegramMessage } from '../../../src/testing/index.ts';
import { SECRET } from '../support/harness.ts';

import { ADA, DAY, DIRECT, person, stage } from './stage.ts';

describe('A call that acts, in an answer', () => {
  it('is not run: the answer commits with a promise of exactly that call, the approval, and its card', async () => {
    const { ask, approval, promise, effects, work, said } = stage();
    const first = await ask();
    expect(await approval()).to.deep.include({ status: 'asked', promiseId: 1, agent: CHAT_AGENT.name });
    expect(first.recorded.of('approval-asked').map(({ approvalId: id, tool }) => [id, tool])).to.deep.equal([[1, 'send']]);
    expect((await approval()).call).to.deep.equal({ tool: 'send', input: { to: 'Bob' }, directory: '/srv/ada', chatId: DIRECT });
    expect(await promise()).to.deep.include({
      status: 'waiting',
      approvalId: 1,
      metadata: { ...(await promise()).metadata, call: { tool: 'send', input: { to: 'Bob' } } },
    });
    await work();
    expect(effects).to.deep.equal([]);
    const [answer = '', card = ''] = await said();
    expect(answer).to.match(/Approval #1 is asked with this reply/);
    expect(card).to.include('#1').and.include('send').and.include('Bob');
  });

  it('runs once somebody entitled has approved it, and the approval is done with the result', async () => {
    const { ask, approval, promise, effects, work, said } = stage();
    const process = await ask();
    const decided = await process.approvals.decide(approvalId(1), 'approve', person(ADA));
    expect(decided.ok && decided.value.status).to.equal('approved');
    await work();
    expect(effects).to.deep.equal([{ to: 'Bob' }]);
    expect(await approval()).to.deep.include({ status: 'done', decidedBy: ADA, outcome: 'sent to Bob' });
    expect((await promise()).status).to.equal('completed');
    expect((await said()).at(-1)).to.match(/Promise #1 is kept/);
  });

  it('is never run once it is denied: its promise is cancelled, and its chat told', async () => {
    const { ask, approval, promise, effects, work, said } = stage();
    const process = await ask();
    const decided = await process.approvals.decide(approvalId(1), 'deny', { kind: 'operator' });
    expect(decided.ok && decided.value.status).to.equal('denied');
    await work();
    expect([effects, (await approval()).status, (await promise()).status]).to.deep.equal([[], 'denied', 'cancelled']);
    expect((await said()).at(-1)).to.match(/Denied by the operator\./);
    expect((await process.approvals.decide(approvalId(1), 'approve', { kind: 'operator' })).ok).to.equal(false);
  });

  it('expires when nobody decides, and can not be approved any more', async () => {
    const { ask, world, approval, promise, effects, work } = stage();
    const process = await ask();
    world.clock.advance(DAY - 1);
    const late = process.approvals.decide(approvalId(1), 'approve', person(ADA));
    world.clock.advance(2);
    expect((await late).ok).to.equal(true);
    const other = stage();
    const second = await other.ask();
    other.world.clock.advance(DAY);
    const refused = await second.approvals.decide(approvalId(1), 'approve', person(ADA));
    expect(refused.ok ? '' : refused.error.code).to.equal('approval/expired');
    await other.work();
    expect([(await other.approval()).status, (await other.promise()).status, other.effects]).to.deep.equal(['expired', 'cancelled', []]);
    await work();
    expect([effects.length, (await approval()).status, (await promise()).status]).to.deep.equal([1, 'done', 'completed']);
  });

  it('fails with its words where the tool does, and people see that it was approved', async () => {
    const { ask, approval, promise, work, said } = stage({ run: async () => ({ output: 'Bob is away', isError: true }) });
    const process = await ask();
    await process.approvals.decide(approvalId(1), 'approve', person(ADA));
    await work();
    expect(await approval()).to.deep.include({ status: 'failed', outcome: 'Bob is away' });
    expect((await promise()).status).to.equal('failed');
    expect((await said()).at(-1)).to.include('Bob is away');
  });

  it('asks again where a person retries it, and runs no second time by the first yes', async () => {
    const { ask, approval, promise, effects, work } = stage({ run: async () => ({ output: 'Bob is away', isError: true }) });
    const process = await ask();
    await process.approvals.decide(approvalId(1), 'approve', person(ADA));
    await work();
    await process.retry((await promise()).id);
    await work();
    expect(effects.length).to.equal(1);
    expect(await approval(2)).to.deep.include({ status: 'asked', promiseId: 1 });
    expect(await promise()).to.deep.include({ status: 'waiting', approvalId: 2 });
  });

  it('ends with its promise: a cancelled one leaves nothing to approve', async () => {
    const { ask, approval, promise, effects, work, audit } = stage();
    const process = await ask();
    await process.cancel((await promise()).id);
    expect(await approval()).to.deep.include({ status: 'denied' });
    const refused = await process.approvals.decide(approvalId(1), 'approve', person(ADA));
    expect(refused.ok ? '' : refused.error.code).to.equal('approval/already-decided');
    await work();
    expect(effects).to.deep.equal([]);
    while ((await audit.seal(100)) > 0);
    const facts = (await audit.read({ kinds: ['approval-ended', 'approval-decided'], limit: 9 })).map(({ actor, kind, facts }) => ({
      actor,
      kind,
      ...facts,
    }));
    expect(facts, 'nobody decided').to.have.length(1);
    expect(facts[0]).to.deep.include({
      kind: 'approval-ended',
      actor: 'kept',
      approvalId: 1,
      verdict: 'denied',
      promiseStatus: 'cancelled',
    });
    expect(JSON.stringify(facts)).not.to.include('Bob');
  });

  it('shows the arguments in what became of it as its card does: nothing hides, and nothing is read as formatting', async () => {
    const { ask, work, said } = stage({ input: { to: '[Bob](https://evil.example) `x`\u202e' } });
    const process = await ask();
    await process.approvals.decide(approvalId(1), 'approve', person(ADA));
    await work();
    expect((await said()).find((text) => text.includes('is kept'))).to.include(
      'Call send with `{"to":"[Bob](https://evil.example) \\u0060x\\u0060\\u202e"}`',
    );
  });

  it('shows on its card what the call costs, where a price is known', async () => {
    for (const [price, line] of [
      ['perplexity/search', 'Cost: at most $0.005'],
      ['nobody/knows', undefined],
      [undefined, undefined],
    ] as const) {
      const { ask, said } = stage(price === undefined ? {} : { price });
      await ask();
      const card = (await said()).find((text) => text.startsWith('Approval #1 is needed')) ?? '';
      expect(/^Cost: .*$/m.exec(card)?.[0], `${price}`).to.equal(line);
    }
  });

  it('tells the audit log of no second end where somebody denies it', async () => {
    const { ask, audit } = stage();
    const process = await ask();
    await process.approvals.decide(approvalId(1), 'deny', person(ADA));
    while ((await audit.seal(100)) > 0);
    const kinds = (await audit.read({ limit: 99 })).map(({ kind }) => kind).filter((kind) => kind.startsWith('approval-'));
    expect(kinds).to.deep.equal(['approval-asked', 'approval-decided']);
  });

  it('is not asked about twice, and not with arguments that nobody can be shown', async () => {
    const { ask, process, world, said } = stage();
    await ask();
    const second = process();
    await second.receive(buildMessage({ messageId: telegramMessage(2), text: 'send it again' }));
    await second.answerChat(DIRECT, new AbortController().signal);
    expect(await world.storage.stores.approvals.list({ limit: 9 })).to.have.length(1);
    expect((await said()).at(-1)).to.include('is asked for exactly this call already');
    for (const [input, words] of [
      [{ text: 'x'.repeat(20_001) }, 'longer than the 20000 characters'],
      [{ text: 'a\u0000b' }, 'can not be shown'],
      [{ text: SECRET }, 'looks like a secret'],
    ] as const) {
      const other = stage({ input });
      await other.ask();
      expect(await other.world.storage.stores.approvals.list({ limit: 9 }), words).to.deep.equal([]);
      expect((await other.said()).join('\n')).to.include(words);
    }
  });
});
