import { expect } from 'chai';
import { MAX_ANSWER_LENGTH } from '../../../src/domain/agent/agent.ts';
import { type LeasedPromise, localChatId, MAX_LOST_LEASES, OPERATOR_ID, type PromiseId } from '../../../src/domain/index.ts';
import { PortError, type PromiseRequest } from '../../../src/ports/index.ts';
import { START, telegramChat, telegramMessage, telegramUser, workResult } from '../../../src/testing/index.ts';
import { makeGate } from '../support/gate.ts';
import { advance, makeProcess, makeWorld, type Process, type ProcessOptions, SECRET, settle } from '../support/harness.ts';

const origin = {
  chatId: telegramChat(501),
  chatKind: 'direct' as const,
  messageId: telegramMessage(1),
  requestedBy: { id: telegramUser(501) },
};
const busy = new PortError('unavailable', 'the table is busy', { retryable: true });

/** A worker whose runs are held, each under its promise's description, until they are released or made to fail. */
const stage = (options: ProcessOptions = {}, world = makeWorld()) => {
  const gate = makeGate<string>();
  const begun: string[] = [];
  const execute = async (promise: LeasedPromise, { signal }: { signal: AbortSignal }) => {
    begun.push(`${promise.description} ${promise.attempts}`);
    await gate.hold(promise.description, signal);
    return workResult(`${promise.description} done`);
  };
  const process = makeProcess(world, { executor: { execute }, ...options });
  const make = async (description: string, request: Partial<PromiseRequest> = {}): Promise<PromiseId> => {
    const result = await process.make({ description, ...request }, origin);
    if (!result.ok) throw new Error(result.error.message);
    return result.value.promise.id;
  };
  const get = async (id: PromiseId) => {
    const promise = await world.storage.stores.promises.get(id);
    if (!promise) throw new Error(`no promise #${id}`);
    return promise;
  };
  const outcomes = async (id: PromiseId) => {
    process.deliverer.start();
    await settle();
    return world.gateway.sent.filter((message) => (message as { promiseId?: unknown }).promiseId === id).map(({ text }) => text);
  };
  return { world, process, gate, begun, make, get, outcomes };
};

describe('keeping promises', () => {
  it('bounds the result of an executor and the reason of a failure, and says that a result was cut', async () => {
    const execute = async ({ description }: LeasedPromise) => {
      if (description === 'fails') throw new PortError('invalid-request', 'x'.repeat(1_000_000), { retryable: false });
      return workResult('y'.repeat(10_000_000));
    };
    const { process, make, get } = stage({ executor: { execute } });
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
    const { process, make, get } = stage({ executor: { execute } });
    const id = await make('draws faces');
    process.worker.start();
    await settle();
    const result: unknown = Reflect.get((await get(id)) ?? {}, 'result');
    expect(result).to.satisfy((text: string) => text.isWellFormed() && text.includes('was cut here'));
  });

  it('runs no more side by side than allowed, the most urgent first', async () => {
    const { process, gate, begun, make } = stage({ work: { concurrency: 2 } });
    for (const [name, priority] of [
      ['d', 9],
      ['b', 3],
      ['c', 3],
      ['a', 1],
    ] as const)
      await make(name, { priority });
    process.worker.start();
    await settle();
    expect(begun).to.deep.equal(['a 1', 'b 1']);
    gate.release('b');
    await settle();
    expect(begun).to.deep.equal(['a 1', 'b 1', 'c 1']);
    gate.release('a');
    gate.release('c');
    await settle();
    expect(gate.held).to.deep.equal(['d']);
  });

  it('invariant 3: the result is delivered to its chat as a reply to the message that asked, once', async () => {
    const { world, process, gate, make, get, outcomes } = stage();
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

  it('invariant 4: secrets are gone from results and failures', async () => {
    const { process, make, outcomes } = stage({
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

  it('invariant 4: what the operator should look at after a failure is told in the operator’s own chats alone', async () => {
    const help = 'small is asked at http://127.0.0.1:1/v1: see OPENAI_BASE_URL';
    const error = new PortError('invalid-request', 'small refused it', { retryable: false, help });
    const { process, make, get } = stage({ executor: { execute: () => Promise.reject(error) } });
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

  it('invariant 3: what could not be done is told as not kept, and so is an empty result; a retry by hand runs it again', async () => {
    const done: string[] = [];
    const execute = async ({ description, attempts }: LeasedPromise) => {
      if (description === 'say nothing') return workResult(' \n');
      if (attempts === 1) throw new PortError('could-not', 'notes.txt is not there', { retryable: false });
      done.push(description);
      return workResult('It says hello.');
    };
    const { process, make, get, outcomes } = stage({ executor: { execute } });
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

  it('a retryable failure is tried again after 60 s and 120 s, and is failed only after the third', async () => {
    const { world, process, gate, begun, make, get, outcomes } = stage();
    const id = await make('read');
    process.worker.start();
    for (const [attempt, waitMs] of [
      [1, 60_000],
      [2, 120_000],
    ] as const) {
      await settle();
      gate.fail('read', busy);
      await settle();
      const promise = await get(id);
      expect(promise).to.deep.include({
        status: 'pending',
        attempts: attempt,
        lastError: { code: 'unavailable', message: 'the table is busy' },
      });
      const wait = (promise as { dueAt: number }).dueAt - world.clock.now();
      expect(wait).to.be.within(waitMs, waitMs * 1.25);
      await advance(world, wait - 1);
      expect(begun).to.have.length(attempt);
      await advance(world, 1);
      expect(begun).to.have.length(attempt + 1);
    }
    expect(await outcomes(id)).to.deep.equal([]);
    gate.fail('read', busy);
    await settle();
    expect(await get(id)).to.include({ status: 'failed', attempts: 3 });
    expect(await outcomes(id)).to.deep.equal(['Promise #1 failed after 3 attempts: read\n\nthe table is busy']);
  });

  for (const [what, error, code] of [
    ['that no repetition would mend', new PortError('invalid-request', 'no such table', { retryable: false }), 'invalid-request'],
    ['of a kind that no executor may throw', new TypeError('no such table'), 'unknown'],
  ] as const)
    it(`a failure ${what} is final at once`, async () => {
      const { process, gate, make, get, outcomes } = stage();
      const id = await make('read');
      process.worker.start();
      await settle();
      gate.fail('read', error);
      await settle();
      expect(await get(id)).to.deep.include({ status: 'failed', attempts: 1, error: { code, message: 'no such table' } });
      expect(await outcomes(id)).to.deep.equal(['Promise #1 failed: read\n\nno such table']);
    });

  it('cancelled while it runs: its run is aborted, and its chat is told once', async () => {
    const { process, gate, make, get, outcomes } = stage();
    const id = await make('count');
    process.worker.start();
    await settle();
    await process.cancel(id);
    await settle();
    expect(gate.held).to.deep.equal([]);
    expect((await get(id)).status).to.equal('cancelled');
    expect(await outcomes(id)).to.deep.equal(['Promise #1 is cancelled: count\n\nBy the operator.']);
  });

  for (const [how, end] of [
    ['cancelled', (process: Process, id: PromiseId) => process.cancel(id)],
    ['failed by its deadline', (process: Process) => process.deadlines.start()],
  ] as const) {
    it(`${how} while it runs: it can be tried again as soon as its run has ended, and not before`, async () => {
      const gate = makeGate<number>();
      const { world, process, make, get } = stage({
        executor: { execute: ({ attempts }) => gate.hold(attempts).then(() => workResult('done')) },
      });
      const id = await make('count', { deadline: START + 10_000 });
      process.worker.start();
      await advance(world, 10_000);
      await end(process, id);
      await advance(world, 4_000);
      expect(await process.retry(id)).to.have.nested.property('error.code', 'promise/lease-held');
      expect(gate.held).to.deep.equal([1]);
      gate.release(1);
      await settle();
      expect(await process.retry(id)).to.include({ ok: true });
      await advance(world, 60_000);
      gate.release(2);
      await settle();
      expect(await get(id)).to.include({ status: 'completed', lostLeases: 0 });
    });

    it(`${how} while it runs deaf: it can be tried again when the lease of that run has run out, and not before`, async () => {
      const gate = makeGate<number>();
      const { world, process, make } = stage({
        executor: { execute: ({ attempts }) => gate.hold(attempts).then(() => workResult('done')) },
      });
      const id = await make('count', { deadline: START + 10_000 });
      process.worker.start();
      await advance(world, 10_000);
      await end(process, id);
      await advance(world, 29_999);
      expect(await process.retry(id))
        .to.have.nested.property('error.message')
        .that.matches(/try again in 1 s$/);
      await advance(world, 1);
      expect(await process.retry(id)).to.include({ ok: true });
      await settle();
      expect(gate.held).to.deep.equal([1, 2]);
    });
  }

  it('cancelled while it runs, and storage does not hear that the run has ended: its lease runs out', async () => {
    const world = makeWorld();
    const releaseLeases = () => Promise.reject(new PortError('unavailable', 'cut off', { retryable: true }));
    const cut = { ...world, storage: { ...world.storage, queue: { ...world.storage.queue, releaseLeases } } };
    const { process, make } = stage({}, cut);
    const id = await make('count');
    process.worker.start();
    await settle();
    await process.cancel(id);
    await advance(world, 29_999);
    expect(await process.retry(id)).to.have.nested.property('error.code', 'promise/lease-held');
    expect(process.logger.lines.filter(({ message }) => /could not be released/.test(message))).to.have.length(1);
    await advance(world, 1);
    expect(await process.retry(id)).to.include({ ok: true });
  });

  it('cancelled, yet its run ends well all the same: the late result is dropped', async () => {
    const gate = makeGate<string>();
    const { process, make, get, outcomes } = stage({
      executor: { execute: ({ description }) => gate.hold(description).then(() => workResult('too late')) },
    });
    const id = await make('count');
    process.worker.start();
    await settle();
    await process.cancel(id);
    gate.release('count');
    await settle();
    expect((await get(id)).status).to.equal('cancelled');
    expect(await outcomes(id)).to.have.length(1);
    expect(process.logger.lines.some(({ message }) => message.includes('too late'))).to.equal(true);
  });

  it('an attempt that takes too long is aborted, and counts as a failure to be retried', async () => {
    const { world, process, gate, make, get } = stage();
    const id = await make('count');
    process.worker.start();
    await advance(world, 599_999);
    expect(gate.held).to.deep.equal(['count']);
    await advance(world, 1);
    expect(gate.held).to.deep.equal([]);
    expect(await get(id)).to.deep.include({
      status: 'pending',
      failures: 1,
      lastError: { code: 'timeout', message: 'It took longer than 10 minutes.' },
    });
  });

  it('a promise whose workers died too often is not run again, and its chat is told', async () => {
    const { world, process, begun, make, get, outcomes } = stage();
    const id = await make('crash');
    for (let death = 0; death <= MAX_LOST_LEASES; death++) {
      const dying = makeProcess(world, { executor: { execute: () => new Promise(() => undefined) } });
      dying.worker.start();
      await settle();
      dying.life.end();
      await advance(world, 30_000, 30_000);
    }
    process.worker.start();
    await settle();
    expect(begun).to.deep.equal([]);
    expect(await get(id)).to.deep.include({ status: 'failed', attempts: MAX_LOST_LEASES + 2 });
    const [told, ...more] = await outcomes(id);
    expect(told).to.include('Its worker died 11 times while running it, so it is not run again.');
    expect(more).to.deep.equal([]);
  });

  it('the end of a run that storage can not record is recorded later, without running the promise again', async () => {
    let failures = 3;
    const { world, process, gate, begun, make, get, outcomes } = stage({
      onUnitCall: (call) => {
        if (call === 'promises.update' && failures-- > 0) throw new PortError('storage-full', 'disk full', { retryable: true });
      },
    });
    const id = await make('count');
    process.worker.start();
    await settle();
    gate.release('count');
    await advance(world, 60_000);
    expect(await get(id)).to.include({ status: 'completed', attempts: 1, lostLeases: 0 });
    expect(begun).to.deep.equal(['count 1']);
    expect(await outcomes(id)).to.have.length(1);
    expect(process.logger.lines.filter(({ level }) => level === 'error')).to.have.length(3);
  });

  it('a result that storage refuses for good becomes a failure that says so, and is not asked again', async () => {
    let refusals = 1;
    const { world, process, gate, begun, make, get, outcomes } = stage({
      onUnitCall: (call) => {
        if (call === 'promises.update' && refusals-- > 0) throw new PortError('invalid-request', 'no such text', { retryable: false });
      },
    });
    const id = await make('count');
    process.worker.start();
    await settle();
    gate.release('count');
    await advance(world, 60_000);
    expect(await get(id)).to.deep.include({
      status: 'failed',
      error: { code: 'invalid-request', message: 'It came to an end that could not be stored.' },
    });
    expect(begun).to.deep.equal(['count 1']);
    expect(await outcomes(id)).to.have.length(1);
  });
});
