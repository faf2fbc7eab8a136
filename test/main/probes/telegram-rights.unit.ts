import { expect } from 'chai';
import type { TelegramRights } from '../../../src/adapters/telegram/index.ts';
import { rightsFinding } from '../../../src/main/probes/telegram-rights.ts';
import { buildPolicy, buildWorkspace, telegramChat, telegramUser } from '../../../src/testing/index.ts';

const DEV = telegramChat(-100_1);
const TEAM = telegramChat(-100_2);
const policy = buildPolicy({
  workspaces: [
    buildWorkspace({ name: 'Dev', chatIds: [DEV], isDevGroup: true }),
    buildWorkspace({ name: 'Team', chatIds: [TEAM], isDevGroup: false }),
  ],
  whitelist: {
    defaultDirectory: '/tmp',
    usernames: new Map(),
    userIds: new Map([501, 502].map((id) => [telegramUser(id), { description: '', path: '' }])),
  },
});

const found = (about: Partial<TelegramRights>) => rightsFinding({ isBot: true, privacyMode: false, groups: [], ...about }, policy);
const group = (chatId: typeof DEV, state: TelegramRights['groups'][number]['state']) => ({ chatId, title: 'Title', state });

describe('what Telegram lets the account do, beside what the configuration wants', () => {
  it('is well in groups where it may write, whatever the privacy mode is for those that only mention it', () => {
    expect(found({ groups: [group(DEV, 'member'), group(TEAM, 'admin')] })).to.deep.equal({
      status: 'ok',
      message: 'in 2 of 2 groups; privacy mode is off',
    });
    expect(found({ privacyMode: true, groups: [group(DEV, 'admin'), group(TEAM, 'member')] })).to.include({ status: 'ok' });
    expect(found({ isBot: false, groups: [] }).message).to.equal('in 0 of 0 groups; sees every message of its groups');
  });

  for (const [what, about, message, hint] of [
    [
      'a dev group where it sees only mentions',
      { privacyMode: true, groups: [group(DEV, 'member')] },
      /dev group "Title" \(Dev\)/,
      /setprivacy/,
    ],
    ['a group that it is not in', { groups: [group(TEAM, 'absent')] }, /not in the group "Title" \(Team\)/, /add it to the group/],
    ['a group where it may not write', { groups: [group(TEAM, 'mute')] }, /may not write in the group/, /send messages/],
    [
      'people whom only Telegram keeps out',
      { restrictedTo: [telegramUser(501)] },
      /1 others write to it, and not telegram:502$/,
      /access list/,
    ],
  ] as const)
    it(`warns of ${what}, and says how to mend it`, () => {
      const finding = found(about);
      expect(finding.status).to.equal('warn');
      expect(finding.message).to.match(message);
      expect(finding.fixHint).to.match(hint);
    });

  it('says of how many groups Telegram does not say anything', () => {
    expect(found({ groups: [group(DEV, 'unknown'), group(TEAM, 'admin')] }).message).to.equal(
      'in 1 of 2 groups (Telegram does not say of 1); privacy mode is off',
    );
  });
});
