import { strict as assert } from 'node:assert';
import { cardContext } from '../../../src/domain/approval/card-context.ts';
import { type AccessPolicy, localChatId, moneyOf, OPERATOR_ID } from '../../../src/domain/index.ts';
import { buildApproval, buildPolicy, GROUP, telegramChat, telegramUser } from '../../../src/testing/index.ts';

const ADA = telegramUser(501);
const BEN = telegramUser(502);
const policy: AccessPolicy = {
  ...buildPolicy(),
  people: new Map([[BEN, { name: 'Ben', role: 'owner', path: 'people.telegram:502' }]]),
};
const inGroup = buildApproval({ call: { chatId: GROUP }, chatKind: 'group' });

describe('A card names', () => {
  it('the owners of a group', () => {
    assert.deepEqual(cardContext(policy, inGroup).approvers, ['Ben']);
  });
  it('nobody in a group without an owner', () => {
    assert.deepEqual(cardContext({ ...policy, people: new Map() }, inGroup).approvers, []);
  });
  it('the person themselves in a direct chat that the configuration allows', () => {
    assert.deepEqual(cardContext(policy, buildApproval({ call: { chatId: telegramChat(501) } })).approvers, ['@ada']);
  });
  it('nobody in a local chat, which is the operator’s', () => {
    assert.equal(cardContext(policy, buildApproval({ call: { chatId: localChatId(1) } })).approvers, undefined);
  });
  it('people as the configuration names them, else by their username', () => {
    const { nameOf } = cardContext(policy, inGroup);
    assert.deepEqual([ADA, BEN, telegramUser(9), OPERATOR_ID].map(nameOf), ['@ada', 'Ben', undefined, 'the operator']);
  });
  it('what the call costs, where that is known', () => {
    assert.equal(cardContext(policy, { ...inGroup, cost: moneyOf(5_000) }).price, 'at most $0.005');
    assert.equal(cardContext(policy, inGroup).price, undefined);
  });
});
