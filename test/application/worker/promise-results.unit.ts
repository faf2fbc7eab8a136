import { expect } from 'chai';
import { MAX_ANSWER_LENGTH } from '../../../src/domain/agent/agent.ts';
import { type LeasedPromise, localChatId, OPERATOR_ID } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { START, telegramChat, telegramMessage, workResult } from '../../../src/testing/index.ts';
import { SECRET, settle } from '../support/harness.ts';
import { makeHeldWorker } from './held-worker.ts';

describe('The results of promises', () => {
  it('limits the length of a result and of the reason of a failure, and says that a result was cut', async () => {
    const execute = async ({ description }: LeasedPromise) => {
      if (description === 'fails') throw new PortError('invalid-request', 'x'.repeat(1_000_000), { retryable: false });
      return workResult('y'.repeat(10_000_000));
    };
    const { process, make, get } = makeHeldWorker({ executor: { execute } });
    const [long, failing] = [await make('is long'), await make('fails')];
    process.worker.start();
    await settle();
    expect(await get(long))
      .to.have.property('result')
      .that.matches(/y\n\n\(The answer was cut here/)
      .with.length.below(MAX_ANSWER_LENGTH + 100);
    expect(await get(failing))
      .to.have.nested.property('error.message')
      .that.has.length(2_000);
  });

  it('cuts no character of a long result in two', async () => {
    const execute = async () => workResult(`${'y'.repeat(MAX_ANSWER_LENGTH - 1)}${'😀'.repeat(100_000)}`);
    const { process, make, get } = makeHeldWorker({ executor: { execute } });
    const id = await make('draws faces');
    process.worker.start();
    await settle();
    const result: unknown = Reflect.get((await get(id)) ?? {}, 'result');
    expect(result).to.satisfy((text: string) => text.isWellFormed() && text.includes('was cut here'));
  });

  it('delivers a result once to its chat, as a reply to the message that asked (invariant 3)', async () => {
    const { world, process, gate, make, get, outcomes } = makeHeldWorker();
    const id = await make('count');
    process.worker.start();
    await settle();
    gate.release('count');
    expect(await outcomes(id)).to.deep.equal(['Promise #1 is kept: count\n\ncount done']);
    expect(world.gateway.sent[0]).to.deep.include({ replyTo: telegramMessage(1), answers: [] });
    expect(await get(id)).to.include({ status: 'completed', deliveredAt: START });
    const [entry] = await world.storage.stores.conversations.recent(telegramChat(501), 10);
    expect(entry?.step).to.have.property('text', 'Promise #1 is kept: count\n\ncount done');
  });

  it('removes secrets from results and failures (invariant 4)', async () => {
    const { process, make, outcomes } = makeHeldWorker({
      executor: {
        execute: ({ description }) =>
          description === 'tell'
            ? Promise.resolve(workResult(SECRET))
            : Promise.reject(new PortError('invalid-request', SECRET, { retryable: false })),
      },
    });
    const ids = [await make('tell'), await make('fail')];
    process.worker.start();
    await settle();
    for (const id of ids) expect((await outcomes(id))[0]).to.match(/\n\n\[redacted\]$/);
  });

  it('tells what the operator should check after a failure only in the operator’s own chats (invariant 4)', async () => {
    const help = 'small is asked at http://127.0.0.1:1/v1: see OPENAI_BASE_URL';
    const error = new PortError('invalid-request', 'small refused it', { retryable: false, help });
    const { process, make, get } = makeHeldWorker({ executor: { execute: () => Promise.reject(error) } });
    const local = await process.make(
      { description: 'here' },
      { chatId: localChatId(1), chatKind: 'direct' as const, requestedBy: { id: OPERATOR_ID } },
    );
    const elsewhere = await make('elsewhere');
    process.worker.start();
    await settle();
    expect(await get(elsewhere)).to.have.nested.property('error.message', 'small refused it');
    expect(local.ok && (await get(local.value.promise.id))).to.have.nested.property('error.message', `small refused it (${help})`);
  });

  it('tells that a promise could not be kept if its work failed or had an empty result, and runs it again at a retry by hand (invariant 3)', async () => {
    const done: string[] = [];
    const execute = async ({ description, attempts }: LeasedPromise) => {
      if (description === 'say nothing') return workResult(' \n');
      if (attempts === 1) throw new PortError('could-not', 'notes.txt is not there', { retryable: false });
      done.push(description);
      return workResult('It says hello.');
    };
    const { process, make, get, outcomes } = makeHeldWorker({ executor: { execute } });
    const [missing, silent] = [await make('read notes.txt'), await make('say nothing')];
    process.worker.start();
    await settle();
    expect(await get(missing)).to.deep.include({ status: 'failed', error: { code: 'could-not', message: 'notes.txt is not there' } });
    expect(await get(silent)).to.deep.include({ status: 'failed', error: { code: 'could-not', message: 'It ended without a result.' } });
    const told = `Promise #${missing} could not be kept: read notes.txt\n\nnotes.txt is not there\n\n/retry ${missing} tries it again.`;
    expect(await outcomes(missing)).to.deep.equal([told]);
    expect((await process.retry(missing)).ok).to.equal(true);
    expect(await outcomes(missing)).to.deep.equal([told, `Promise #${missing} is kept: read notes.txt\n\nIt says hello.`]);
    expect(done).to.deep.equal(['read notes.txt']);
  });
});
