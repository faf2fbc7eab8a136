import { expect } from 'chai';
import type { AgentPromise, PromiseId, Refusal, Result } from '../../../src/domain/index.ts';
import { promiseId } from '../../../src/domain/index.ts';
import { MAX_OPEN_PROMISES_PER_CHAT, MAX_PROMISES_PER_TURN } from '../../../src/domain/promise/limits.ts';
import type { MadePromise, PromiseRequest } from '../../../src/ports/index.ts';
import {
  buildDraft,
  buildMessage,
  GROUP,
  makeScriptedModel,
  START,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { advance, makeProcess, makeWorld, SECRET, settle } from '../support/harness.ts';

const origin = {
  chatId: telegramChat(501),
  chatKind: 'direct' as const,
  messageId: telegramMessage(1),
  requestedBy: { id: telegramUser(501), username: 'ada' },
};
const running = new AbortController().signal;
const made = (result: Result<MadePromise, Refusal>): AgentPromise => {
  if (!result.ok) throw new Error(result.error.message);
  return result.value.promise;
};
const refusal = (result: Result<unknown, Refusal>) => (result.ok ? undefined : result.error);

const stage = () => {
  const world = makeWorld();
  const process = makeProcess(world);
  const get = (id: number) => world.storage.stores.promises.get(promiseId(id));
  const make = async (description: string, ...dependsOn: PromiseId[]) => made(await process.make({ description, dependsOn }, origin));
  return { world, process, get, make, stores: world.storage.stores };
};

describe('making a promise', () => {
  it('is durable and due at once when it resolves, with its secrets gone', async () => {
    const { process, get } = stage();
    const promise = made(await process.make({ description: `  log in with ${SECRET} `, taskType: 'code', priority: 2 }, origin));
    expect(promise).to.deep.include({
      status: 'pending',
      description: 'log in with [redacted]',
      taskType: 'code',
      priority: 2,
      attempts: 0,
    });
    expect(await get(promise.id)).to.deep.equal(promise);
  });

  it('refuses what is no promise, in words, and stores nothing', async () => {
    const { process, stores } = stage();
    const requests: PromiseRequest[] = [
      { description: ' ' },
      { description: 'x'.repeat(10_001) },
      { description: 'x', priority: 0 },
      { description: 'x', priority: 11 },
      { description: 'x', priority: 2.5 },
      { description: 'x', taskType: 'dance' as never },
      { description: 'x', notBefore: START - 60_001 },
      { description: 'x', notBefore: Number.NaN },
      { description: 'x', deadline: START },
      { description: 'x', deadline: Number.NaN },
      { description: 'x', notBefore: START + 60_000, deadline: START + 60_000 },
    ];
    for (const request of requests) expect(refusal(await process.make(request, origin))).to.have.property('code', 'promise/invalid');
    expect(await stores.promises.find({ limit: 10 })).to.deep.equal([]);
  });

  it('tells a time that it refuses on the clocks of whoever wrote it', async () => {
    const { process } = stage();
    const words = async (request: Partial<PromiseRequest>) =>
      refusal(await process.make({ description: 'x', ...request }, origin))?.message;
    expect(await words({ notBefore: START - 3_600_000 })).to.equal('the start must lie ahead: 2026-11-22 12:00 (Europe/Berlin) is past');
    expect(await words({ deadline: START })).to.match(/: 2026-11-22 13:00 \(Europe\/Berlin\) does not$/);
    expect(await words({ notBefore: 8.64e15 })).to.match(/: 8640000000000000 is further off$/);
  });

  it('at most one promise per key and chat, also when 20 are made in parallel', async () => {
    const { process, stores } = stage();
    const key = { description: 'once', idempotencyKey: 'k' };
    const results = await Promise.all(Array.from({ length: 20 }, () => process.make(key, origin)));
    expect(new Set(results.map((result) => made(result).id)).size).to.equal(1);
    expect(
      results.filter((result) => result.ok && result.value.isNew),
      'one of them has made it',
    ).to.have.length(1);
    expect(await stores.promises.find({ limit: 10 })).to.have.length(1);
    expect(made(await process.make({ ...key, description: 'later' }, origin)).description).to.equal('once');
    expect(made(await process.make(key, { ...origin, chatId: GROUP })).id).not.to.equal(made(results[0] as never).id);
  });

  it('a key that is used twice in one turn stands for one promise', async () => {
    const { process } = stage();
    const draft = buildDraft();
    const context = { ...origin, scope: { directory: '/' }, signal: running, draft };
    const key = { description: 'once', idempotencyKey: 'k' };
    const [first, second] = [await process.draftPromise(key, context), await process.draftPromise(key, context)];
    expect(made(first)).to.equal(made(second));
    expect([first, second].map((result) => result.ok && result.value.isNew)).to.deep.equal([true, false]);
    expect(draft.decisions).to.have.length(1);
  });

  it('nothing can be promised where no message is being answered', async () => {
    const { process } = stage();
    const context = { ...origin, scope: { directory: '/' }, signal: running };
    expect(refusal(await process.draftPromise({ description: 'x' }, context))?.code).to.equal('promise/invalid');
    expect(refusal(await process.draftCancellation(promiseId(1), context))?.code).to.equal('promise/invalid');
  });

  it("refuses a parent that does not exist, or is another chat's", async () => {
    const { process, make } = stage();
    const theirs = made(await process.make({ description: 'theirs' }, { ...origin, chatId: GROUP }));
    await make('ours');
    for (const parent of [promiseId(99), theirs.id]) {
      const refused = refusal(await process.make({ description: 'child', dependsOn: [parent] }, origin));
      expect(refused?.code).to.equal('promise/unknown-parent');
      expect(refused?.message).to.equal(`there is no promise #${parent} in this chat`);
    }
    // What was refused has used up no number.
    expect((await make('next')).id).to.equal(3);
  });

  it('a child of a parent that completed already is due at once, and the caller is told so', async () => {
    const { world, process, make, get } = stage();
    const parent = await make('parent');
    process.worker.start();
    await settle();
    expect(await get(parent.id)).to.include({ status: 'completed' });
    await process.worker.stop(0);
    const child = await make('child', parent.id, parent.id);
    expect(child).to.deep.include({ status: 'pending', dueAt: world.clock.now(), dependsOn: [parent.id] });
    expect(await get(child.id)).to.deep.equal(child);
  });

  it("a child of a parent that failed already fails with the parent's name", async () => {
    const { process, make } = stage();
    const parent = await make('read the tables');
    await process.cancel(parent.id);
    const child = await make('compare them', parent.id);
    expect(child).to.deep.include({
      status: 'failed',
      error: { code: 'promise/parent-failed', message: `it depends on promise #${parent.id} (read the tables), which was cancelled` },
    });
  });

  it('a parent that fails between draft and commit: its child fails with its name, in the same commit', async () => {
    const world = makeWorld();
    let cancel = async (): Promise<unknown> => undefined;
    const model = makeScriptedModel([
      { toolCalls: [{ id: 'a', tool: 'make_promise', input: { description: 'compare them', dependsOn: [1] } }] },
      () => {
        void cancel();
        return { text: 'As #2.' };
      },
    ]);
    const process = makeProcess(world, { model });
    const parent = made(await process.make({ description: 'read the tables' }, origin));
    cancel = () => process.cancel(parent.id);
    await process.receive(buildMessage());
    await process.answerChat(telegramChat(501), running);
    expect(await world.storage.stores.promises.get(promiseId(2))).to.include({ status: 'failed' });
    process.deliverer.start();
    await advance(world, 5_000);
    expect(world.gateway.sent.map(({ text }) => text)).to.deep.equal([
      'Promise #1 is cancelled: read the tables\n\nBy the operator.',
      'As #2.',
      'Promise #2 failed: compare them\n\nit depends on promise #1 (read the tables), which was cancelled',
    ]);
  });

  it('makes as many in one turn as a turn may, and refuses the others in words', async () => {
    const { process } = stage();
    const draft = buildDraft();
    const context = { ...origin, scope: { directory: '/' }, signal: running, draft };
    for (let n = 0; n < MAX_PROMISES_PER_TURN; n++) made(await process.draftPromise({ description: `task ${n}` }, context));
    const refused = refusal(await process.draftPromise({ description: 'one more' }, context));
    expect(refused).to.include({ code: 'promise/too-many' });
    expect(refused?.message).to.include(`makes ${MAX_PROMISES_PER_TURN} promises at most`);
    expect(draft.decisions).to.have.length(MAX_PROMISES_PER_TURN);
  });

  it('refuses a turn another promise in a chat that is full, says how many are open and how to make room, and takes it again once there is', async () => {
    const { process, make, stores } = stage();
    for (let n = 0; n < MAX_OPEN_PROMISES_PER_CHAT; n++) await make(`task ${n}`);
    const context = () => ({ ...origin, scope: { directory: '/' }, signal: running, draft: buildDraft() });
    const refused = refusal(await process.draftPromise({ description: 'one more' }, context()));
    expect(refused?.message).to.match(/^200 promises of this chat have not ended.*\/cancel <number>/);
    expect(await stores.promises.countOpen(origin.chatId), 'an operator is not refused').to.equal(MAX_OPEN_PROMISES_PER_CHAT);
    made(await process.draftPromise({ description: 'elsewhere' }, { ...context(), chatId: telegramChat(502) }));

    const cancelling = context();
    await process.draftCancellation(promiseId(1), cancelling);
    made(await process.draftPromise({ description: 'in its place' }, cancelling));
    expect(refusal(await process.draftPromise({ description: 'one more' }, cancelling))?.code).to.equal('promise/too-many');

    await process.cancel(promiseId(2));
    made(await process.draftPromise({ description: 'now' }, context()));
  });
});
