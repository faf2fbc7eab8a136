import { expect } from 'chai';
import {
  AGENT_ID,
  type ChatId,
  type ChatKind,
  chatIdOf,
  DEFAULT_LOCAL_CHAT,
  type IncomingMessage,
  nativeId,
  normaliseUsername,
  OPERATOR_ID,
  SELF_PING_CHAT,
  userIdOf,
} from '../../../src/domain/index.ts';
import { accessOf, decideAccess } from '../../../src/domain/message/access.ts';
import { scopeOf, tenantOf, workspaceOf } from '../../../src/domain/workspace/policy.ts';
import type { MessageOverrides } from '../../../src/testing/index.ts';
import { buildMessage, buildPolicy, buildWorkspace, GROUP, numberIn, telegramChat, telegramUser } from '../../../src/testing/index.ts';

const policy = buildPolicy();
const stranger = { id: telegramUser(666), username: 'mallory', kind: 'person' } as const;
const grace = { id: telegramUser(502), username: 'Grace', kind: 'person' } as const;
const direct = (sender: IncomingMessage['sender']) => buildMessage({ chatId: telegramChat(numberIn(sender.id)), sender });
const inGroup = (overrides: MessageOverrides = {}) => buildMessage({ chatId: GROUP, chatKind: 'group', sender: stranger, ...overrides });
const verdict = (...args: Parameters<typeof decideAccess>) => {
  const { allowed, rule } = decideAccess(...args);
  return `${allowed ? 'allowed' : 'denied'}: ${rule}`;
};

describe('message rule 1: own messages', () => {
  const telegram = buildMessage();
  const own = buildMessage({ chatId: SELF_PING_CHAT, sender: { id: AGENT_ID, kind: 'self' } });

  it('are denied, wherever they are written', () => {
    for (const message of [
      own,
      { ...own, chat: telegram.chat },
      inGroup({ sender: own.sender }),
      { ...own, chat: { id: DEFAULT_LOCAL_CHAT, kind: 'direct' as const } },
    ])
      expect(verdict(policy, message)).to.equal('denied: own-message');
  });

  it('are allowed when they are the outstanding self-ping', () => {
    expect(verdict(policy, own, { isOutstandingPing: true })).to.equal('allowed: self-ping');
  });

  it("that somebody else's message is like the ping helps nobody", () => {
    expect(verdict(policy, direct(stranger), { isOutstandingPing: true })).to.equal('denied: not-whitelisted');
  });

  it("other bots' messages get no further and no less far than people's", () => {
    expect(verdict(policy, inGroup({ sender: { ...stranger, kind: 'bot' } }))).to.equal('allowed: workspace-group');
    expect(verdict(policy, direct({ ...stranger, kind: 'bot' }))).to.equal('denied: not-whitelisted');
  });
});

describe('message rules 3 and 4: who can not be known', () => {
  const nobody = { id: telegramUser(1_087_968_824), kind: 'anonymous' } as const;

  it('is denied wherever it writes, whatever is listed', () => {
    const listed = { ...policy.whitelist, userIds: new Map([[nobody.id, { description: '', path: 'x' }]]) };
    for (const message of [inGroup({ sender: nobody }), inGroup({ sender: nobody, addressedTo: 'us' }), direct(nobody)])
      expect(decideAccess({ ...policy, whitelist: listed }, message)).to.deep.equal({
        allowed: false,
        rule: 'anonymous-sender',
        path: '(built in)',
      });
  });
});

describe('message rule 3: groups', () => {
  it('are allowed when the chat belongs to a workspace, whoever writes there', () => {
    expect(decideAccess(policy, inGroup())).to.deep.equal({
      allowed: true,
      rule: 'workspace-group',
      path: 'workspaces.Railway.telegram_chat_ids',
    });
  });

  it('are denied when the chat belongs to none, even to whitelisted people', () => {
    const elsewhere = { chatId: telegramChat(-1_009_999_999_999) };
    expect(verdict(policy, inGroup(elsewhere))).to.equal('denied: unmapped-group');
    expect(verdict(policy, inGroup({ ...elsewhere, sender: buildMessage().sender }))).to.equal('denied: unmapped-group');
  });

  it('are allowed when TELEGRAM_ALLOWED_GROUPS names the workspace, in any case', () => {
    expect(verdict({ ...policy, allowedGroups: new Set(['railway']) }, inGroup())).to.equal('allowed: workspace-group');
  });

  it('are denied when TELEGRAM_ALLOWED_GROUPS does not name the workspace, or names none', () => {
    for (const names of [['airport'], []])
      expect(decideAccess({ ...policy, allowedGroups: new Set(names) }, inGroup())).to.deep.equal({
        allowed: false,
        rule: 'group-not-allowed',
        path: 'TELEGRAM_ALLOWED_GROUPS',
      });
  });

  it('that are dev groups are no exception: access comes first', () => {
    const dev = { ...policy, workspaces: [buildWorkspace({ isDevGroup: true })], allowedGroups: new Set(['airport']) };
    expect(verdict(dev, inGroup())).to.equal('denied: group-not-allowed');
    expect(verdict({ ...dev, workspaces: [buildWorkspace({ isDevGroup: true, chatIds: [] })] }, inGroup())).to.equal(
      'denied: unmapped-group',
    );
  });
});

describe('message rule 4: direct messages', () => {
  it('are allowed by user id, whatever the username', () => {
    for (const username of [undefined, 'ada', 'renamed'])
      expect(decideAccess(policy, direct({ id: telegramUser(501), kind: 'person', ...(username && { username }) }))).to.deep.equal({
        allowed: true,
        rule: 'whitelisted-user-id',
        path: 'dm_whitelist.allowed_user_ids.501',
      });
  });

  it('are allowed by username, with or without @, in any case', () => {
    for (const username of ['grace', 'Grace', 'GRACE', '@gRaCe'])
      expect(decideAccess(policy, direct({ ...grace, username }))).to.deep.equal({
        allowed: true,
        rule: 'whitelisted-username',
        path: 'dm_whitelist.allowed_users.grace',
      });
  });

  it('are denied to everybody else: strangers, people without a username, and names that only look alike', () => {
    for (const username of [undefined, 'mallory', 'grace2', 'gracé', '@@grace', '', 'constructor'])
      expect(verdict(policy, direct({ id: telegramUser(666), kind: 'person', ...(username !== undefined && { username }) }))).to.equal(
        'denied: not-whitelisted',
      );
  });

  it('are denied to a name whose letters only become those of a listed one in lower case', () => {
    const listed = new Map([['telegram:kate', { description: '', path: 'dm_whitelist.allowed_users.kate' }]]);
    const kates = { ...policy, whitelist: { ...policy.whitelist, usernames: listed } };
    const named = (username: string) => verdict(kates, direct({ id: telegramUser(666), kind: 'person', username }));
    expect(named('KATE')).to.equal('allowed: whitelisted-username');
    for (const username of ['\u212aate', '\u212aATE', 'kate\u200b', 'кate', '\uff2bate'])
      expect(named(username), username).to.equal('denied: not-whitelisted');
  });

  it('are denied to a listed username that was first seen with another id', () => {
    expect(verdict(policy, direct(grace), { pinnedUserId: telegramUser(999) })).to.equal('denied: username-pinned-elsewhere');
  });

  it('are allowed to a listed username that was first seen with this id', () => {
    expect(verdict(policy, direct(grace), { pinnedUserId: grace.id })).to.equal('allowed: whitelisted-username');
  });

  it('are allowed by user id even where the username is pinned to another', () => {
    expect(verdict(policy, buildMessage(), { pinnedUserId: telegramUser(999) })).to.equal('allowed: whitelisted-user-id');
  });

  it("are denied to Telegram's service account, even when it is listed", () => {
    const service = { id: telegramUser(777_000), kind: 'service' } as const;
    const listed = buildPolicy({
      whitelist: { ...policy.whitelist, userIds: new Map([[service.id, { description: 'a mistake', path: 'dm_whitelist' }]]) },
    });
    expect(verdict(listed, direct(service))).to.equal('denied: service-account');
    expect(verdict(listed, inGroup({ sender: service }))).to.equal('denied: service-account');
  });
});

describe('local chats', () => {
  const operator = { id: OPERATOR_ID, kind: 'operator' } as const;

  it('are for the person at this machine', () => {
    expect(verdict(policy, buildMessage({ chatId: DEFAULT_LOCAL_CHAT, sender: operator }))).to.equal('allowed: local-operator');
  });

  it('are for nobody who comes from elsewhere, listed or not', () => {
    for (const sender of [stranger, buildMessage().sender])
      expect(verdict(policy, buildMessage({ chatId: DEFAULT_LOCAL_CHAT, sender }))).to.equal('denied: not-whitelisted');
  });

  it('give the operator no entrance to Telegram chats', () => {
    expect(verdict(policy, buildMessage({ sender: operator }))).to.equal('denied: not-whitelisted');
  });
});

describe('access and scope of ids that are equal but for their gateway', () => {
  const slackChat = (room: string | number, thread?: string | number) => chatIdOf('slack', room, thread);
  const fromSlack = (chatId: ChatId, chatKind: ChatKind, sender: Partial<IncomingMessage['sender']> = {}) =>
    buildMessage({ chatId, chatKind, sender: { id: userIdOf('slack', 501), kind: 'person', ...sender } });

  it('deny a person of another gateway whose number is on the whitelist', () => {
    expect(verdict(policy, fromSlack(slackChat(501), 'direct'))).to.equal('denied: not-whitelisted');
  });

  it('deny a person of another gateway whose username is on the whitelist', () => {
    expect(verdict(policy, fromSlack(slackChat(502), 'direct', { username: 'grace' }))).to.equal('denied: not-whitelisted');
  });

  it("deny a group of another gateway that has a workspace group's number", () => {
    const group = slackChat(nativeId(GROUP));
    expect(verdict(policy, fromSlack(group, 'group'))).to.equal('denied: unmapped-group');
    expect(workspaceOf(policy, group)).to.equal(undefined);
  });

  it('allow a thread of a workspace group, and deny a thread of any other group with that thread number', () => {
    const thread = chatIdOf('telegram', nativeId(GROUP), 500);
    expect(verdict(policy, inGroup({ chatId: thread }))).to.equal('allowed: workspace-group');
    expect(verdict(policy, inGroup({ chatId: telegramChat(-1_009_999_999_999, 500) }))).to.equal('denied: unmapped-group');
    expect(verdict(policy, fromSlack(slackChat(nativeId(GROUP), 500), 'group'))).to.equal('denied: unmapped-group');
  });

  it('deny a room whose number is the number of a thread of a workspace group', () => {
    const threads = { ...policy, workspaces: [buildWorkspace({ chatIds: [telegramChat(-7)] })] };
    expect(verdict(threads, inGroup({ chatId: telegramChat(-9, -7) }))).to.equal('denied: unmapped-group');
  });

  it('deny a person with the number of the operator in a local chat', () => {
    const sender = { id: userIdOf('telegram', nativeId(OPERATOR_ID)), kind: 'person' } as const;
    expect(verdict(policy, buildMessage({ chatId: DEFAULT_LOCAL_CHAT, sender }))).to.equal('denied: not-whitelisted');
  });

  it('decide a pin by the whole id: the same number of another gateway is another person', () => {
    const pinned = { pinnedUserId: userIdOf('slack', nativeId(grace.id)) };
    expect(verdict(policy, direct(grace), pinned)).to.equal('denied: username-pinned-elsewhere');
  });

  it('give a thread the workspace, directory and tenant of its room', () => {
    const thread = chatIdOf('telegram', nativeId(GROUP), 500);
    expect(scopeOf(policy, { chatId: thread, senderId: stranger.id })).to.deep.equal({ workspace: 'Railway', directory: '/srv/railway' });
    expect(tenantOf(policy, thread)).to.equal('Railway');
    expect(tenantOf(policy, telegramChat(501, 9))).to.equal('telegram:501');
  });

  it('give a person of another gateway the default directory, not the directory of the person with that number', () => {
    const senderId = userIdOf('slack', 501);
    expect(scopeOf(policy, { chatId: slackChat(501), senderId })).to.deep.equal({ directory: '/srv/default' });
    expect(scopeOf(policy, { chatId: slackChat(1), senderId: userIdOf('slack', 9), username: 'grace' })).to.deep.equal({
      directory: '/srv/default',
    });
  });
});

describe('access that is looked up again', () => {
  const where = { chatId: telegramChat(501), chatKind: 'direct' as const, senderId: telegramUser(501) };
  const group = { chatId: GROUP, chatKind: 'group' as const, senderId: stranger.id };

  it('decides as it did for the message', () => {
    expect(accessOf(policy, where).rule).to.equal('whitelisted-user-id');
    expect(accessOf(policy, { ...where, chatId: telegramChat(502), senderId: grace.id, username: 'Grace' }).rule).to.equal(
      'whitelisted-username',
    );
    expect(accessOf(policy, group).rule).to.equal('workspace-group');
    expect(accessOf(policy, { ...where, chatId: DEFAULT_LOCAL_CHAT, senderId: OPERATOR_ID }).rule).to.equal('local-operator');
  });

  it('is gone when the configuration has changed', () => {
    const emptied = buildPolicy({ workspaces: [], whitelist: { ...policy.whitelist, userIds: new Map() } });
    expect(accessOf(emptied, where).allowed).to.equal(false);
    expect(accessOf(emptied, group).allowed).to.equal(false);
  });
});

it('usernames compare without @, space and case', () => {
  expect(['@Ada', ' ada ', 'ADA'].map(normaliseUsername)).to.deep.equal(['ada', 'ada', 'ada']);
});
