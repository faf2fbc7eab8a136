import { expect } from 'chai';
import type { Chat } from '../../../src/domain/chat/chat.ts';
import { localChatId } from '../../../src/domain/chat/ids.ts';
import type { Sender } from '../../../src/domain/message/message.ts';
import type { Role } from '../../../src/domain/rights/rights.ts';
import type { TrustLabel } from '../../../src/domain/trust/labels.ts';
import { labelOfSpeaker, provenanceOfMessage } from '../../../src/domain/trust/speaker.ts';
import { buildPolicy, GROUP, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';

const ADA = telegramUser(501);
const group: Chat = { id: GROUP, kind: 'group' };
const direct: Chat = { id: telegramChat(501), kind: 'direct' };
const local: Chat = { id: localChatId(1), kind: 'direct' };

/** Ada's role in the group and elsewhere, who speaks where, and whose words they are. */
const ROWS: readonly (readonly [string, Role | undefined, Role | undefined, Chat, Sender['kind'], TrustLabel])[] = [
  ['a person without an entry', undefined, undefined, group, 'person', 'member'],
  ['a person without an entry in a direct chat', undefined, undefined, direct, 'person', 'member'],
  ['an owner', 'owner', undefined, group, 'person', 'member'],
  ['a member', 'member', undefined, group, 'person', 'member'],
  ['a guest', 'guest', undefined, group, 'person', 'guest'],
  ['a guest everywhere', undefined, 'guest', group, 'person', 'guest'],
  ['a guest in a direct chat', 'member', 'guest', direct, 'person', 'guest'],
  ['a guest elsewhere who is a member here', 'member', 'guest', group, 'person', 'member'],
  ['another bot', 'owner', 'owner', group, 'bot', 'guest'],
  ['somebody who hides', 'owner', 'owner', group, 'anonymous', 'guest'],
  ['the platform', undefined, undefined, direct, 'service', 'guest'],
  ['the operator', undefined, undefined, local, 'operator', 'operator'],
  ['an operator where there is none', undefined, undefined, group, 'operator', 'guest'],
  ['the agent', undefined, undefined, group, 'self', 'agent'],
];

const policyWith = (here: Role | undefined, everywhere: Role | undefined) => {
  const policy = buildPolicy();
  return {
    ...policy,
    workspaces: policy.workspaces.map((workspace) => ({
      ...workspace,
      ...(here ? { roles: new Map([[ADA, { role: here, path: 'workspaces' }]]) } : {}),
    })),
    ...(everywhere ? { people: new Map([[ADA, { name: 'Ada', role: everywhere, path: 'people' }]]) } : {}),
  };
};

describe('The label of a speaker', () => {
  for (const [who, here, everywhere, chat, kind, label] of ROWS)
    it(`is ${label} for ${who}`, () => {
      expect(labelOfSpeaker(policyWith(here, everywhere), { chat, sender: { id: ADA, kind } })).to.equal(label);
    });

  for (const kind of ['person', 'operator'] as const)
    it(`is guest for words that the ${kind} has forwarded`, () => {
      const chat = kind === 'person' ? group : local;
      expect(labelOfSpeaker(policyWith('owner', 'owner'), { chat, sender: { id: ADA, kind }, forwarded: true })).to.equal('guest');
    });

  it('has that of files beside it where a message brings any, whose names are of somebody else', () => {
    const labels = (kind: 'document' | 'voice', words = '[saved as inbox/a.txt]') =>
      provenanceOfMessage(policyWith(undefined, undefined), {
        chat: group,
        sender: { id: ADA, kind: 'person' },
        files: [{ messageId: telegramMessage(1), kind, words }],
      }).labels;
    expect(labels('document')).to.deep.equal(['member', 'file']);
    expect(labels('document', '')).to.deep.equal(['member']);
    expect(labels('voice', '[voice message: hello]')).to.deep.equal(['member']);
  });
});
