import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { agentScope, makeWorkScopes, originFields } from '../../../src/application/telemetry/work-scopes.ts';
import { type LeasedPromise, type OutboxItem, promiseId, turnId } from '../../../src/domain/index.ts';
import { outcomeKey } from '../../../src/domain/promise/outcome.ts';
import {
  buildMessage,
  buildOutboxDraft,
  buildPromise,
  buildRecord,
  carryOut,
  START,
  telegramChat,
  telegramMessage,
} from '../../../src/testing/index.ts';

const chatId = telegramChat(501);
const record = (messageId: number, chat = chatId) => buildRecord({ chatId: chat, messageId: telegramMessage(messageId) });
const item = (over: Partial<OutboxItem> = {}) => ({ ...buildOutboxDraft(), id: 7, ...over }) as OutboxItem;
const scopes = makeWorkScopes('storage-1');
const received = (messageId: number, chat = chatId) => {
  const { correlationId, spanId } = scopes.receive(buildMessage({ chatId: chat, messageId: telegramMessage(messageId) }));
  return { correlationId, spanId };
};

/** A promise that was stored, and claimed by a worker. */
const claimed = async (metadata: Readonly<Record<string, unknown>> = {}) => {
  const { stores, queue } = makeMemoryStorage();
  await stores.promises.add([buildPromise({ metadata })]);
  const [promise] = await queue.claim({ workerId: 'w', now: START, leaseMs: 60_000, limit: 1 });
  return { promises: stores.promises, promise: promise as LeasedPromise };
};

describe('The work that comes of a message', () => {
  it('has ids of the forms of W3C trace contexts, the same in every process, and others for each message and chat', () => {
    const { correlationId, spanId } = scopes.receive(buildMessage({ chatId, messageId: telegramMessage(1) }));
    expect(correlationId)
      .to.equal('c6368763e45dd2c9c6771a0e0c14b57c')
      .and.match(/^[0-9a-f]{32}$/);
    expect(spanId).to.match(/^[0-9a-f]{16}$/);
    const others = [received(1), received(2), received(1, telegramChat(502))];
    expect(new Set(others.map((ref) => ref.correlationId)).size).to.equal(3);
  });

  it('has other ids on another storage, where the same chat and message are others', () => {
    const others = makeWorkScopes('storage-2');
    const message = buildMessage({ chatId, messageId: telegramMessage(1) });
    const pairs = [scopes, others].map((each) => [
      each.receive(message),
      each.turn(turnId('t1'), [record(1)]),
      each.deliver(item({ answers: [], dedupeKey: 'budget:1' }), undefined, START),
    ]);
    const ids = pairs.map((made) => made.map(({ correlationId }) => correlationId));
    expect(new Set(ids[0]).size).to.equal(2);
    expect(ids[1]?.filter((id) => ids[0]?.includes(id))).to.deep.equal([]);
    expect(new Set(pairs.flat().map(({ spanId }) => spanId)).size).to.equal(6);
  });

  it('keeps the trace that a promise was made with, whatever storage it came from', async () => {
    const { promise } = await claimed(originFields(makeWorkScopes('').receive(buildMessage({ chatId }))));
    const [one, other] = [scopes, makeWorkScopes('storage-2')].map((each) => each.attempt(promise));
    expect(one?.correlationId).to.equal(makeWorkScopes('').receive(buildMessage({ chatId })).correlationId);
    expect(other).to.deep.equal(one);
  });

  it('is changed by an edit, and completed by its files, inside of its trace', () => {
    const message = buildMessage({ chatId, messageId: telegramMessage(1) });
    const { correlationId, spanId } = scopes.receive(message);
    for (const scope of [scopes.receive({ ...message, edited: true, editedAt: START + 9 }), scopes.fetch(message, START)]) {
      expect(scope).to.include({ correlationId, parentSpanId: spanId });
      expect(scope.spanId).not.to.equal(spanId);
    }
  });

  it('is answered by a turn that belongs to the first message of its own chat, and is linked to the others', () => {
    const id = turnId('t1');
    const one = scopes.turn(id, [record(1)]);
    expect(one).to.include({ correlationId: received(1).correlationId, parentSpanId: received(1).spanId });
    expect(one).not.to.have.property('links');
    const before = telegramChat(-5);
    const several = scopes.turn(id, [record(3, before), record(1), record(2)]);
    expect(several.correlationId).to.equal(received(1).correlationId);
    expect(several.links).to.deep.equal([received(3, before), received(2)]);
    const reply = item({ chatId, answers: [telegramMessage(1), telegramMessage(2)], dedupeKey: 'turn:t1' });
    expect(scopes.deliver(reply, undefined, START)).to.include({ correlationId: several.correlationId, parentSpanId: several.spanId });
  });

  it('has a run of an agent inside of it, where there is work at all', () => {
    const turn = scopes.turn(turnId('t1'), [record(1)]);
    const run = agentScope('baker', turn, '1');
    expect(run).to.include({ name: 'agent', agent: 'baker', correlationId: turn.correlationId, parentSpanId: turn.spanId });
    expect(agentScope('baker', turn, '2')?.spanId).not.to.equal(run?.spanId);
    expect(agentScope('baker', undefined, '1')).to.equal(undefined);
  });

  it('goes on in the promise that it made, and in the message that tells of the end of its last attempt', async () => {
    const turn = scopes.turn(turnId('t1'), [record(1)]);
    const { promise, promises } = await claimed(originFields(turn));
    const attempt = scopes.attempt(promise);
    expect(attempt).to.include({ name: 'promise', correlationId: turn.correlationId, parentSpanId: turn.spanId });
    const told = item({ promiseId: promise.id, answers: [], dedupeKey: outcomeKey(promise.id, promise.version) });
    expect(scopes.deliver(told, promise, START).parentSpanId).to.equal(attempt.spanId);
    const claim = { workerId: 'w', attempt: promise.attempts, at: START };
    await carryOut(promises, promise.id, { type: 'complete', result: 'It rains.', ...claim });
    const kept = await promises.get(promise.id);
    expect(scopes.deliver(told, kept, START)).to.include({ correlationId: turn.correlationId, parentSpanId: attempt.spanId });
  });

  it('has another span for each attempt, also where the one before was handed back and is not counted', async () => {
    const { promise, promises } = await claimed();
    await carryOut(promises, promise.id, { type: 'hand-back', workerId: 'w', attempt: promise.attempts, at: START });
    const again = await promises.get(promise.id);
    expect(again).to.include({ status: 'pending', attempts: 0 });
    await carryOut(promises, promise.id, { type: 'start', workerId: 'v', at: START, leaseMs: 9 });
    const next = (await promises.get(promise.id)) as LeasedPromise;
    expect(scopes.attempt(next).spanId).not.to.equal(scopes.attempt(promise).spanId);
    expect(scopes.attempt(next).correlationId).to.equal(scopes.attempt(promise).correlationId);
  });

  it('names no parent that may not be there: a promise that was cancelled may have had no attempt', async () => {
    const turn = scopes.turn(turnId('t1'), [record(1)]);
    const { stores } = makeMemoryStorage();
    await stores.promises.add([buildPromise({ metadata: originFields(turn) })]);
    await carryOut(stores.promises, promiseId(1), { type: 'cancel', at: START, reason: 'As you asked.' });
    const cancelled = await stores.promises.get(promiseId(1));
    const scope = scopes.deliver(item({ promiseId: promiseId(1), answers: [] }), cancelled, START);
    expect(scope).to.include({ correlationId: turn.correlationId, parentSpanId: turn.spanId });
    expect(scope.links).to.have.length(1);
  });

  it('is a trace of its own where nothing stored says more, whatever stands in its place', async () => {
    for (const trace of [
      undefined,
      7,
      '',
      '00-zz-1-01',
      `00-${'A'.repeat(32)}-${'b'.repeat(16)}-01`,
      `x00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    ]) {
      const { promise } = await claimed({ trace });
      const scope = scopes.attempt(promise);
      expect(scope.correlationId).to.match(/^[0-9a-f]{32}$/);
      expect(scope).not.to.have.property('parentSpanId');
    }
    const warning = scopes.deliver(item({ answers: [], dedupeKey: 'budget:1' }), undefined, START);
    expect(warning).not.to.have.property('parentSpanId');
    const card = scopes.deliver(item({ answers: [], replyTo: telegramMessage(1), chatId, dedupeKey: 'approval:1' }), undefined, START);
    expect(card).to.deep.include({ correlationId: received(1).correlationId, links: [received(1)] });
    expect(card).not.to.have.property('parentSpanId');
  });
});
