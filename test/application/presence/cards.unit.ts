import { strict as assert } from 'node:assert';
import { makeMemoryChangeFeed, makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeSendLimiter } from '../../../src/application/outbox/send-limiter.ts';
import { makeCards } from '../../../src/application/presence/cards.ts';
import { cardContext } from '../../../src/domain/approval/card-context.ts';
import { cardFor } from '../../../src/domain/approval/card-text.ts';
import { type Approval, type ApprovalStatus, approvalId, type OutboxItem } from '../../../src/domain/index.ts';
import { type ChatGateway, PortError } from '../../../src/ports/index.ts';
import {
  buildApproval,
  buildPolicy,
  makeFixedClock,
  makeRecordingEvents,
  makeRecordingGateway,
  makeSeededRandomness,
  telegramChat,
  telegramUser,
} from '../../../src/testing/index.ts';
import { settle } from '../support/harness.ts';

const policy = buildPolicy();

/** Approvals with cards that are sent, and the process that keeps the cards up to date. */
const stage = async ({ edit }: { readonly edit?: ChatGateway['edit'] | 'none' } = {}) => {
  const clock = makeFixedClock();
  const changes = makeMemoryChangeFeed(clock.after);
  const { stores, unitOfWork, state } = makeMemoryStorage({ changes });
  const recording = makeRecordingGateway();
  const { edit: _, ...bare } = recording;
  const gateway: ChatGateway = edit === 'none' ? bare : edit ? { ...recording, edit } : recording;
  const { events, all } = (() => {
    const recorded = makeRecordingEvents();
    return { events: recorded, all: recorded.events };
  })();
  const randomness = makeSeededRandomness(1);
  const begin = (over: Partial<Parameters<typeof makeCards>[0]> = {}) =>
    makeCards({
      stores,
      unitOfWork,
      gateways: [gateway],
      limiter: makeSendLimiter({ state, clock, events }),
      policy,
      changes,
      clock,
      randomness,
      events,
      ...over,
    });
  /** Asks, and sends the card, unless told otherwise. */
  const ask = async (id: number, more: Parameters<typeof buildApproval>[0] = {}, isSent = true): Promise<Approval> => {
    const approval = buildApproval({ id: approvalId(id), ...more });
    await stores.approvals.add([approval]);
    await stores.outbox.addMany(cardFor(approval, cardContext(policy, approval), () => randomness.id()));
    if (isSent) await send(id);
    return approval;
  };
  const send = async (id: number): Promise<void> => {
    const item = await stores.outbox.named(`approval:${id}`);
    assert.equal(item?.status, 'pending');
    await stores.outbox.markSent(item.id, await recording.send(item), clock.now());
  };
  const become = (id: number, status: ApprovalStatus, more: Partial<Approval> = {}) =>
    stores.approvals.update([approvalId(id)], (stored) => ({ ...stored, status, ...more }));
  /** Lets time pass until nothing more happens. */
  const pass = async (ms = 300): Promise<void> => {
    await settle();
    clock.advance(ms);
    await settle();
  };
  const told = async (id: number, status: string): Promise<OutboxItem | undefined> => stores.outbox.named(`approval:${id}:${status}`);
  const behind = async () => (await stores.cards.behind(0, 10)).map(({ id }) => Number(id));
  const onScreen = () => recording.onScreen(telegramChat(501));
  return { clock, stores, unitOfWork, recording, events: all, begin, ask, send, become, pass, told, behind, onScreen };
};

describe('Cards of approvals', () => {
  it('are edited to what became of them, step by step, and lose their buttons', async () => {
    const { begin, ask, become, pass, onScreen, behind } = await stage();
    await ask(4);
    const cards = begin();
    cards.start();
    await pass();
    assert.equal(onScreen()[0]?.buttons?.length, 2);
    await become(4, 'approved', { decidedBy: telegramUser(501) });
    await pass();
    assert.match(onScreen()[0]?.text ?? '', /^Approval #4: approved by @ada\. It runs next\./);
    assert.equal(onScreen()[0]?.buttons, undefined);
    await become(4, 'failed', { outcome: 'The tracker is down.' });
    await pass();
    assert.match(onScreen()[0]?.text ?? '', /^Approval #4: approved by @ada, but it failed\..*Failed: The tracker is down\./s);
    assert.deepEqual(await behind(), []);
    assert.equal(onScreen().length, 1);
    await cards.stop();
  });

  it('are edited once they are sent, where the decision came before', async () => {
    const { begin, ask, send, become, pass, onScreen } = await stage();
    await ask(4, {}, false);
    await become(4, 'denied', { decidedBy: 'operator' });
    const cards = begin();
    cards.start();
    await pass();
    assert.deepEqual(onScreen(), []);
    await send(4);
    await pass();
    assert.match(onScreen()[0]?.text ?? '', /^Approval #4: denied by the operator\. It did not run\./);
    await cards.stop();
  });

  it('are not touched in a group that has become a supergroup: what became of them is told there', async () => {
    const edits: unknown[] = [];
    const edit: ChatGateway['edit'] = async (chatId) => {
      edits.push(chatId);
      throw new PortError('unavailable', 'the group is deactivated', { retryable: true });
    };
    const { begin, ask, become, pass, told, stores, clock, behind } = await stage({ edit });
    const [from, to] = [telegramChat(-42), telegramChat(-1_000_042)];
    await ask(4, { call: { chatId: from }, chatKind: 'group' });
    await ask(5, { call: { chatId: from }, chatKind: 'group' });
    await stores.chatMoves.add({ from, to, at: clock.now() });
    const cards = begin();
    cards.start();
    await become(4, 'denied', { decidedBy: telegramUser(501) });
    await become(5, 'done', { decidedBy: telegramUser(501) });
    await pass();
    const denied = await told(4, 'denied');
    assert.deepEqual([denied?.chatId, denied?.replyTo], [to, undefined]);
    assert.match(denied?.text ?? '', /^Approval #4: denied by @ada\. It did not run\. Its card in the former group is out of date\./);
    assert.match((await told(5, 'done'))?.text ?? '', /^Approval #5: approved by @ada, and done\. Its card in the former group/);
    assert.deepEqual([edits, await behind()], [[], []]);
    await cards.stop();
  });

  it('are edited again by the next process, where one died between edit and record', async () => {
    const { begin, ask, become, pass, stores, recording, behind } = await stage();
    await ask(4);
    await become(4, 'denied', { decidedBy: 'operator' });
    const dying = begin({ stores: { ...stores, cards: { ...stores.cards, markShown: () => Promise.reject(new Error('killed')) } } });
    dying.start();
    await pass();
    await dying.stop();
    assert.deepEqual(await behind(), [4]);
    assert.ok(recording.edits.length > 0);
    const { length } = recording.edits;
    const next = begin();
    next.start();
    await pass();
    assert.equal(recording.edits.length, length + 1);
    assert.deepEqual(await behind(), []);
    await next.stop();
  });

  it('are told of by a new message where the card is gone, once', async () => {
    const { begin, ask, become, pass, told, behind } = await stage({ edit: async () => false });
    await ask(4);
    await become(4, 'expired');
    const cards = begin();
    cards.start();
    await pass();
    const item = await told(4, 'expired');
    assert.match(item?.text ?? '', /^Approval #4: expired\. Nobody decided in time/);
    assert.equal(item?.buttons, undefined);
    assert.deepEqual(await behind(), []);
    await cards.stop();
  });

  it('are told of by a new message where the platform refuses the edit', async () => {
    const refused = async () => {
      throw new PortError('invalid-request', 'no such chat', { retryable: false });
    };
    const { begin, ask, become, pass, told } = await stage({ edit: refused });
    await ask(4);
    await become(4, 'denied');
    const cards = begin();
    cards.start();
    await pass();
    assert.ok(await told(4, 'denied'));
    await cards.stop();
  });

  it('are told of by a reply where nothing can be edited', async () => {
    const { begin, ask, become, pass, told, recording } = await stage({ edit: 'none' });
    await ask(4);
    await become(4, 'approved', { decidedBy: 'operator' });
    const cards = begin();
    cards.start();
    await pass();
    assert.equal((await told(4, 'approved'))?.replyTo, recording.sent[0]?.messageId);
    await cards.stop();
  });

  it('are tried again after a failure and after the wait that the platform asks for', async () => {
    const { begin, ask, become, pass, recording, behind, events } = await stage();
    await ask(4);
    recording.refuseNext('edit', new PortError('unavailable', 'down', { retryable: true }));
    recording.refuseNext('edit', new PortError('rate-limited', 'flood', { retryable: true, retryAfterMs: 7_000 }));
    await become(4, 'denied');
    const cards = begin();
    cards.start();
    await pass();
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'card-not-updated' ? [event.reason] : [])),
      ['down'],
    );
    await pass(2_000);
    assert.equal(recording.edits.length, 2);
    await pass(5_000);
    assert.equal(recording.edits.length, 2);
    await pass(3_000);
    assert.equal(recording.edits.length, 3);
    assert.deepEqual(await behind(), []);
    await cards.stop();
  });

  it('do not hold up others while one hangs', async () => {
    const hanging = Promise.withResolvers<boolean>();
    const calls: string[] = [];
    const { begin, ask, become, pass, behind } = await stage({
      edit: (chatId) => {
        calls.push(chatId);
        return chatId === telegramChat(501) ? hanging.promise : Promise.resolve(true);
      },
    });
    await ask(4);
    await ask(5, { call: { chatId: telegramChat(502) } });
    await become(4, 'denied');
    await become(5, 'denied');
    const cards = begin();
    cards.start();
    await pass();
    assert.deepEqual(calls.toSorted(), ['telegram:501', 'telegram:502']);
    assert.deepEqual(await behind(), [4]);
    hanging.resolve(true);
    await pass();
    assert.deepEqual(await behind(), []);
    await cards.stop();
  });

  it('wait for a process that has their gateway', async () => {
    const { begin, ask, become, pass, behind, recording } = await stage();
    await ask(4);
    await become(4, 'denied');
    const cards = begin({ gateways: [] });
    cards.start();
    await pass();
    assert.deepEqual(await behind(), [4]);
    assert.deepEqual(recording.edits, []);
    await cards.stop();
  });
});
