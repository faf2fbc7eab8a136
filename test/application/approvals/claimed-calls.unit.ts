import { expect } from 'chai';
import { approvalId } from '../../../src/domain/index.ts';
import { buildMessage, makeScriptedModel } from '../../../src/testing/index.ts';
import { makeLifetime } from '../crashes/process-lifetime.ts';
import { advance } from '../support/harness.ts';
import { ADA, DIRECT, person, stage } from './stage.ts';

const SENT = 'I have sent it to Bob.';
const call = { toolCalls: [{ id: 'c1', tool: 'send', input: { to: 'Bob' } }] };
const running = new AbortController().signal;

describe('An answer over a call that waits for an approval', () => {
  it('can not say that it is done: it is sent back, and then the sentence is replaced', async () => {
    const { process, said, effects, approval } = stage();
    const model = makeScriptedModel([call, { text: SENT }, { text: `${SENT} Approval #1 is asked.` }]);
    const first = process(makeLifetime(), { model });
    await first.receive(buildMessage({ chatId: DIRECT, sender: { id: ADA, kind: 'person' }, text: 'send it' }));
    await first.answerChat(DIRECT, running);
    expect(await approval()).to.include({ status: 'asked' });
    const [reply] = await said();
    expect(reply).to.include('I have not done this: no tool of mine did it. Approval #1 is asked.').and.not.include(SENT);
    expect(effects).to.deep.equal([]);
  });

  it('can say so in the run of a promise, once it was approved and is done', async () => {
    const { process, work, promise, effects, world } = stage();
    const maker = process();
    await maker.make(
      { description: 'send it', agent: 'telegram_chat_agent' },
      { chatId: DIRECT, chatKind: 'direct', requestedBy: { id: ADA } },
    );
    await work();
    await maker.approvals.decide(approvalId(1), 'approve', person(ADA));
    // The run goes on from its journal: the call is the second request's.
    const worker = process(makeLifetime(), { model: makeScriptedModel([{ text: SENT }, { text: SENT }, { text: SENT }]) });
    worker.worker.start();
    await advance(world, 40_000);
    await worker.worker.stop(0);
    expect(effects).to.deep.equal([{ to: 'Bob' }]);
    expect(await promise()).to.include({ status: 'completed', result: SENT });
  });
});
