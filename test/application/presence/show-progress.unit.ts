import { expect } from 'chai';
import { makeShowProgress } from '../../../src/application/presence/show-progress.ts';
import { chatIdOf, messageIdOf, type PromiseSpec, promiseId } from '../../../src/domain/index.ts';
import { type ChatGateway, PortError } from '../../../src/ports/index.ts';
import {
  promiseAfter as after,
  buildOutboxDraft,
  buildPromise,
  carryOut,
  makeRecordingGateway,
  START,
  telegramChat,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';
import { advance, makeProcess, makeWorld, settle } from '../support/harness.ts';

const MINUTE = 60_000;
const ACK = 'I will compare them, and report here.';

/** A chat whose message 1 was answered by `ACK`, and what shows the progress of the promises behind it. */
const stage = async ({ world = makeWorld(), gateway = world.gateway as ChatGateway } = {}) => {
  const process = makeProcess(world, { gateways: [gateway] });
  const { stores, unitOfWork, state } = world.storage;
  const progress = makeShowProgress({
    promises: stores.promises,
    outbox: stores.outbox,
    unitOfWork,
    gateways: [gateway],
    state,
    changes: world.changes,
    clock: world.clock,
    randomness: world.randomness,
    events: logged(process.logger),
    limiter: { tryAcquire: async () => undefined, recordRateLimit: async () => false },
  });
  if (await stores.outbox.add(buildOutboxDraft({ text: ACK }))) await settle();
  process.deliverer.start();
  await settle();
  const run = async (id: number, terms: Partial<PromiseSpec> = {}, leaseMs = 3_600_000) => {
    const start = { type: 'start', at: world.clock.now(), workerId: 'w', leaseMs } as const;
    await stores.promises.add([after(buildPromise({ id: promiseId(id), ...terms }), start)]);
  };
  const note = async (id: number, text: string) => {
    await stores.promises.noteProgress(promiseId(id), 'w', { text, at: world.clock.now() });
    await advance(world, 5_000, 500);
  };
  const complete = async (id: number) => {
    const promise = await stores.promises.get(promiseId(id));
    if (!promise) throw new Error(`no promise #${id}`);
    const end = { type: 'complete', at: world.clock.now(), workerId: 'w', attempt: promise.attempts, result: 'done' } as const;
    await carryOut(stores.promises, promise.id, end);
    await advance(world, 5_000, 500);
  };
  const edits = () => world.gateway.edits.map(({ text }) => text);
  return { world, process, progress, run, note, complete, edits };
};

describe('showing progress', () => {
  it('edits the message that acknowledged the promise, and puts it back, exactly, once that has ended', async () => {
    const { world, progress, run, note, complete, edits } = await stage();
    await run(5);
    progress.start();
    await advance(world, 10_000);
    expect(edits()).to.deep.equal([]);
    await note(5, 'searching the web');
    await note(5, 'reading files');
    await complete(5);
    expect(edits()).to.deep.equal([`${ACK}\n\n#5: searching the web`, `${ACK}\n\n#5: reading files`, ACK]);
    expect(world.gateway.edits[0]).to.deep.include({ chatId: telegramChat(501), messageId: world.gateway.sent[0]?.messageId });
    expect([...(await world.storage.state('progress:telegram').list(''))]).to.deep.equal([]);
    await advance(world, 10 * MINUTE);
    expect(edits()).to.have.length(3);
  });

  it('edits at most every few seconds in a chat, however often there is something new', async () => {
    const { world, progress, run, edits } = await stage();
    await run(5);
    progress.start();
    for (let n = 0; n < 40; n++) {
      await world.storage.stores.promises.noteProgress(promiseId(5), 'w', { text: `step ${n}`, at: world.clock.now() });
      await advance(world, 500, 250);
    }
    expect(edits().length).to.be.within(4, 6);
  });

  it('tells of several promises of one message below each other', async () => {
    const { progress, run, note, complete, edits } = await stage();
    await run(5);
    await run(6);
    progress.start();
    await note(5, 'reading');
    await note(6, 'counting');
    await complete(5);
    await complete(6);
    expect(edits().slice(1)).to.deep.equal([`${ACK}\n\n#5: reading\n#6: counting`, `${ACK}\n\n#6: counting`, ACK]);
  });

  it('says after three minutes of silence how long a promise has been worked at, and never after its end', async () => {
    const { world, progress, run, note, complete, edits } = await stage();
    await run(5);
    progress.start();
    await advance(world, 3 * MINUTE - 1_000, 1_000);
    expect(edits()).to.deep.equal([]);
    await advance(world, 2_000, 1_000);
    expect(edits()).to.deep.equal([`${ACK}\n\nStill working on promise #5, for 3 minutes now: Compare the three timetables`]);
    await note(5, 'reading files');
    await advance(world, 3 * MINUTE, 1_000);
    expect(edits().slice(1)).to.deep.equal([
      `${ACK}\n\n#5: reading files`,
      `${ACK}\n\nStill working on promise #5, for 6 minutes now: reading files`,
    ]);
    await complete(5);
    await advance(world, 10 * MINUTE);
    expect(edits().at(-1)).to.equal(ACK);
  });

  it('says no more that a promise is worked at once its lease has run out, until a worker takes it up again', async () => {
    const { world, progress, run, note, edits } = await stage();
    await run(5, {}, MINUTE);
    progress.start();
    await note(5, 'reading');
    await advance(world, 10 * MINUTE, 1_000);
    expect(edits()).to.deep.equal([`${ACK}\n\n#5: reading`, ACK]);
    await world.storage.queue.claim({ workerId: 'w', now: world.clock.now(), leaseMs: 4 * MINUTE, limit: 1 });
    await advance(world, 10 * MINUTE, 1_000);
    const still = 'Still working on promise #5, for 3 minutes now: Compare the three timetables';
    expect(edits().slice(2)).to.deep.equal([`${ACK}\n\n${still}`, ACK]);
  });

  it('says so in no message either once the lease of a promise has expired, if nothing can be edited', async () => {
    const world = makeWorld();
    const { edit: _, ...gateway } = world.gateway;
    const { progress, run } = await stage({ world, gateway });
    await run(5, {}, MINUTE);
    progress.start();
    await advance(world, 10 * MINUTE, 1_000);
    expect(world.gateway.sent).to.have.length(1);
  });

  it('restores the edited messages of a bot that died when the next one starts', async () => {
    const first = await stage();
    await first.run(5);
    first.progress.start();
    await first.note(5, 'reading');
    await first.progress.stop();
    await first.complete(5);
    expect(first.edits()).to.have.length(1);
    const next = await stage({ world: first.world });
    next.progress.start();
    await advance(first.world, 5_000, 500);
    expect(first.edits().slice(1)).to.deep.equal([ACK]);
  });

  it('puts right what the bot before has edited also where the platform has slashes in its ids', async () => {
    const world = makeWorld();
    const gateway = makeRecordingGateway({ name: 'mail' });
    const stateOf = world.storage.state('progress:mail');
    const [chat, message] = [chatIdOf('mail', 'a/mail', '/b/'), messageIdOf('mail', 'c/d@e/')];
    const { progress } = await stage({ world, gateway });
    await stateOf.set(new Map([[`progress:${chat}/${message}`, ACK]]));
    progress.start();
    await advance(world, 5_000, 500);
    expect(gateway.edits).to.deep.equal([{ chatId: chat, messageId: message, text: ACK }]);
    expect([...(await stateOf.list(''))]).to.deep.equal([]);
  });

  it('says once in a message that a promise is still worked at, if nothing can be edited', async () => {
    const world = makeWorld();
    const { edit: _, ...gateway } = world.gateway;
    const { progress, run, complete } = await stage({ world, gateway });
    await run(5);
    progress.start();
    await advance(world, 10 * MINUTE, 1_000);
    const texts = () => world.gateway.sent.slice(1).map(({ text, replyTo }) => ({ text, replyTo }));
    const said = { text: 'Still working on promise #5, for 3 minutes now: Compare the three timetables', replyTo: telegramMessage(1) };
    expect(texts()).to.deep.equal([said]);
    const again = await stage({ world, gateway });
    again.progress.start();
    await complete(5);
    await advance(world, 10 * MINUTE, 1_000);
    expect(texts()).to.deep.equal([said]);
  });

  it('says so again of a promise that is retried by hand, by an item of that promise', async () => {
    const world = makeWorld();
    const { edit: _, ...gateway } = world.gateway;
    const { process, progress, run } = await stage({ world, gateway });
    await run(5);
    progress.start();
    await advance(world, 4 * MINUTE, 1_000);
    await process.cancel(promiseId(5));
    await world.storage.queue.releaseLeases('w', [{ id: promiseId(5), attempts: 1 }]);
    expect(await process.retry(promiseId(5))).to.include({ ok: true });
    await world.storage.queue.claim({ workerId: 'w', now: world.clock.now(), leaseMs: 3_600_000, limit: 1 });
    await advance(world, 10 * MINUTE, 1_000);
    const told = world.gateway.sent.filter(({ text }) => text.startsWith('Still working on promise #5'));
    expect(told).to.have.length(2);
    for (const { messageId } of told)
      expect(await world.storage.stores.outbox.sentAs(buildOutboxDraft().chatId, messageId)).to.include({ promiseId: 5 });
  });

  it('tries a message that could not be edited once more when its promises run no more, and one runs again', async () => {
    const { world, progress, run, note, complete, edits } = await stage();
    await run(5);
    progress.start();
    world.gateway.refuseNext('edit', new PortError('invalid-request', 'no', { retryable: false }));
    await note(5, 'reading');
    await note(5, 'counting');
    expect(edits()).to.have.length(1);
    await complete(5);
    await run(6);
    await note(6, 'writing');
    expect(edits().slice(1)).to.deep.equal([`${ACK}\n\n#6: writing`]);
  });

  it('tries again after a failure that passes, and leaves a message alone that can not be edited', async () => {
    const { world, progress, run, note, edits } = await stage();
    await run(5);
    progress.start();
    world.gateway.refuseNext('edit', new PortError('unavailable', 'no', { retryable: true }));
    await note(5, 'reading');
    expect(edits()).to.have.length(2);
    world.gateway.refuseNext('edit', new PortError('invalid-request', 'no', { retryable: false }));
    await note(5, 'counting');
    await note(5, 'writing');
    expect(edits()).to.have.length(3);
    expect(world.clock.now()).to.be.above(START);
  });
});
