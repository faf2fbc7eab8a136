import { expect } from 'chai';
import { DEFAULT_LOCAL_CHAT, OPERATOR_ID } from '../../../src/domain/index.ts';
import { scopeOf } from '../../../src/domain/workspace/policy.ts';
import { buildPolicy, buildWorkspace, GROUP, telegramChat, telegramUser } from '../../../src/testing/index.ts';

const policy = buildPolicy({
  workspaces: [
    buildWorkspace(),
    buildWorkspace({ name: 'Airport', directory: '/srv/airport', chatIds: [-1_002, -1_003].map((id) => telegramChat(id)) }),
  ],
  whitelist: {
    userIds: new Map([
      [telegramUser(501), { description: 'Ada', directory: '/srv/ada', path: 'p' }],
      [telegramUser(503), { description: 'Alan', path: 'p' }],
    ]),
    usernames: new Map([['telegram:grace', { description: 'Grace', directory: '/srv/grace', path: 'p' }]]),
    defaultDirectory: '/srv/default',
  },
});
const directly = (id: number, username?: string) =>
  scopeOf(policy, { chatId: telegramChat(id), senderId: telegramUser(id), ...(username !== undefined && { username }) });

describe('message rule 6: the directory', () => {
  it("is the workspace's in a group, whoever speaks there", () => {
    for (const senderId of [telegramUser(501), telegramUser(666)])
      expect(scopeOf(policy, { chatId: GROUP, senderId, username: 'grace' })).to.deep.equal({
        workspace: 'Railway',
        directory: '/srv/railway',
      });
    expect(scopeOf(policy, { chatId: telegramChat(-1_003), senderId: telegramUser(501) })).to.deep.equal({
      workspace: 'Airport',
      directory: '/srv/airport',
    });
  });

  it("is the person's own in a direct message, and no workspace", () => {
    expect(directly(501)).to.deep.equal({ directory: '/srv/ada' });
  });

  it('is found by username, as access finds it: without @, in any case', () => {
    for (const username of ['grace', 'Grace', '@grace']) expect(directly(502, username)).to.deep.equal({ directory: '/srv/grace' });
  });

  it("is the id's entry where both are listed", () => {
    expect(directly(501, 'grace')).to.deep.equal({ directory: '/srv/ada' });
    expect(directly(503, 'grace')).to.deep.equal({ directory: '/srv/default' });
  });

  it('is the default for a person whose entry names none, and for the operator', () => {
    expect(directly(503)).to.deep.equal({ directory: '/srv/default' });
    expect(scopeOf(policy, { chatId: DEFAULT_LOCAL_CHAT, senderId: OPERATOR_ID })).to.deep.equal({ directory: '/srv/default' });
  });
});
