import { strict as assert } from 'node:assert';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeDecideByTap } from '../../../src/application/approvals/tapped.ts';
import { cardButtons, cardFor } from '../../../src/domain/approval/card-text.ts';
import { type Approval, approvalId, type ChatId, chatIdOf, err, ok } from '../../../src/domain/index.ts';
import type { Approvals, ButtonTap } from '../../../src/ports/index.ts';
import { buildApproval, buildPolicy, START, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';

const THREAD = chatIdOf('telegram', -1_001, 500);
const approval = buildApproval({
  id: approvalId(4),
  call: { chatId: THREAD },
  chatKind: 'group',
  token: 'b2f7c2f0-aaaa-4bbb-8ccc-1234567890ab',
});
const [approve, deny] = cardButtons(approval).map(({ data }) => data);

const stage = async ({ isSent = true, answer = ok(approval) as Awaited<ReturnType<Approvals['decide']>> } = {}) => {
  const { stores } = makeMemoryStorage();
  await stores.approvals.add([approval]);
  await stores.outbox.addMany(cardFor(approval, { nameOf: () => undefined, approvers: [] }, () => 'key'));
  const card = await stores.outbox.named('approval:4');
  if (isSent && card) await stores.outbox.markSent(card.id, telegramMessage(90), START);
  const decided: Parameters<Approvals['decide']>[] = [];
  const tapped = makeDecideByTap({
    approvals: {
      get: stores.approvals.get,
      decide: async (...call) => {
        decided.push(call);
        return answer;
      },
    },
    outbox: stores.outbox,
    policy: buildPolicy(),
  });
  const tap = (more: Partial<ButtonTap> = {}) =>
    tapped({
      chatId: telegramChat(-1_001),
      messageId: telegramMessage(90),
      sender: { id: telegramUser(501), username: 'ada', kind: 'person' },
      data: approve ?? '',
      ...more,
    });
  const become = (state: Partial<Approval>) => stores.approvals.update([approval.id], (stored) => ({ ...stored, ...state }));
  const move = (to: ChatId) => stores.chatMoves.add({ from: THREAD, to, at: START });
  return { tap, decided, become, move };
};

describe('A tap of a card', () => {
  it('decides in the place of the approval, as whoever tapped, with the token of the button', async () => {
    const { tap, decided } = await stage();
    assert.equal(await tap(), 'Approved. It runs next.');
    await tap({ data: deny ?? '', sender: { id: telegramUser(502), kind: 'person' } });
    const place = { chatId: THREAD, chatKind: 'group' };
    assert.deepEqual(decided, [
      [4, 'approve', { kind: 'person', origin: { ...place, senderId: telegramUser(501), username: 'ada' } }, { token: approval.token }],
      [4, 'deny', { kind: 'person', origin: { ...place, senderId: telegramUser(502) } }, { token: approval.token }],
    ]);
  });

  it('in a group as it was before it became a supergroup decides in the supergroup', async () => {
    const { tap, decided, move } = await stage();
    await move(telegramChat(-1_000_042));
    assert.equal(await tap(), 'Approved. It runs next.');
    assert.deepEqual(decided[0]?.[2], {
      kind: 'person',
      origin: { chatId: telegramChat(-1_000_042), chatKind: 'group', senderId: telegramUser(501), username: 'ada' },
    });
  });

  it('of the operator, in a local chat, is the operator’s', async () => {
    const { tap, decided } = await stage();
    await tap({ sender: { id: telegramUser(1), kind: 'operator' } });
    assert.deepEqual(decided[0]?.[2], { kind: 'operator' });
  });

  it('says what was decided, or why nothing was', async () => {
    const denied: Approval = { ...approval, status: 'denied' };
    assert.equal(await (await stage({ answer: ok(denied) })).tap(), 'Denied. It does not run.');
    const late = err({ code: 'approval/expired' as const, message: 'the time to decide on approval #4 is over' });
    assert.equal(await (await stage({ answer: late })).tap(), 'The time to decide on approval #4 is over.');
  });

  it('says who has decided before', async () => {
    const before = err({ code: 'approval/already-decided' as const, message: 'approval #4 was denied' });
    const { tap, become } = await stage({ answer: before });
    await become({ status: 'denied', decidedBy: telegramUser(501) });
    assert.equal(await tap(), 'Approval #4: denied by @ada. It did not run.');
  });

  it('counts before it is recorded which message the card is', async () => {
    const { tap, decided } = await stage({ isSent: false });
    await tap();
    assert.equal(decided.length, 1);
  });

  for (const [what, more] of [
    ['forged data', { data: 'a:4' }],
    ['data of no card', { data: (approve ?? '').replace('a:4:', 'a:5:') }],
    ['another chat', { chatId: telegramChat(-1_002) }],
    ['another message', { messageId: telegramMessage(91) }],
    ['a bot', { sender: { id: telegramUser(700), kind: 'bot' } }],
    ['the agent itself', { sender: { id: telegramUser(700), kind: 'self' } }],
    ['an admin who hides', { sender: { id: telegramUser(700), kind: 'anonymous' } }],
    ['the platform', { sender: { id: telegramUser(777), kind: 'service' } }],
  ] satisfies readonly (readonly [string, Partial<ButtonTap>])[])
    it(`decides nothing, in words: ${what}`, async () => {
      const { tap, decided } = await stage();
      assert.match(await tap(more), /^(This button says nothing to me|Only a person can decide this)\.$/);
      assert.deepEqual(decided, []);
    });
});
