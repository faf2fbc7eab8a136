import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ACTIONS, decideRight, ownersOf, userId } from '../../../src/domain/index.ts';
import { telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { actorOf, CELLS, DEEDS, expectedOf, PERSONS, policy } from './rights-table.ts';

describe('Rights of persons', () => {
  it('have a deed in the table for each action', () => {
    expect(new Set(Object.values(DEEDS).map(([action]) => action))).to.deep.equal(new Set(ACTIONS));
  });

  for (const { name, place } of CELLS)
    it(`are as the table says: ${name} in ${place}`, () => {
      for (const [deed, [action, about]] of Object.entries(DEEDS)) {
        const own = deed === 'approve-own' ? { requestedBy: PERSONS[name].id } : {};
        const decided = decideRight(policy, actorOf(name, place), action, { ...about, ...own, senderKind: PERSONS[name].kind });
        expect(decided, deed).to.deep.equal({ action, ...expectedOf(name, place, deed) });
      }
    });

  it('are as the page says that tells people of them', () => {
    const page = readFileSync(new URL('../../../docs/how-to/who-may-do-what.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| (?!---)([^|]+) \| (yes|no) \| (yes|no) \| ([^|]+) \|$/gm)];
    const deeds: Readonly<Record<string, readonly string[]>> = {
      'ask, and get an answer': ['ask'],
      'use agents, and tools that only read': ['agent', 'reading'],
      'have promises and schedules made': ['deciding'],
      'have facts and links remembered or forgotten': ['memory'],
      'use tools that act': ['acting'],
      'have code changed (outside of dev groups, after an approval)': ['coding'],
      'cancel and retry what they asked for': ['cancel-own', 'retry-own'],
      'stop answers to themselves (`/stop`)': ['cancel-own'],
      'cancel, retry and stop what others asked for': ['cancel-others', 'retry-others'],
      'begin the conversation anew (`/new`)': ['anew'],
      approve: ['approve'],
      'give standing approvals': ['standing'],
      'spend, within the budgets': ['spend'],
      'see the usage of the chat': ['usage'],
    };
    expect(rows.map(([, what]) => what)).to.deep.equal(Object.keys(deeds));
    for (const [, what = '', ...told] of rows)
      for (const deed of deeds[what] ?? []) {
        const mays = (['owner by people', 'unnamed member', 'guest'] as const).map((name) => {
          const [action, about] = DEEDS[deed] ?? [];
          return action && decideRight(policy, actorOf(name, 'dev'), action, about).allowed ? 'yes' : 'no';
        });
        expect(mays, what).to.deep.equal(told.map((cell) => (cell.startsWith('yes') ? 'yes' : 'no')));
      }
    const own = actorOf('guest', 'own');
    expect(decideRight(policy, own, 'use-tool', DEEDS.memory?.[1]).allowed, 'in their own conversation').to.equal(true);
    expect(decideRight(policy, own, 'begin-anew').allowed, 'in their own conversation').to.equal(true);
  });

  it('take an origin for a person, but in a local chat for the operator', () => {
    const origin = { chatId: telegramChat(-1001), chatKind: 'group', senderId: telegramUser(502) } as const;
    expect(decideRight(policy, origin, 'approve')).to.include({ allowed: true, rule: 'owner' });
    expect(decideRight(policy, { ...origin, senderId: userId('slack:502') }, 'approve')).to.include({ allowed: false, rule: 'no-role' });
  });

  it('go by the id that a username was first seen with', () => {
    const byName = {
      ...policy,
      whitelist: { ...policy.whitelist, usernames: new Map([['telegram:grace', { description: '', path: 'p' }]]) },
    };
    const grace = { chatId: telegramChat(510), chatKind: 'direct', senderId: telegramUser(510), username: 'Grace' } as const;
    expect(decideRight(byName, grace, 'ask', { pinnedUserId: telegramUser(510) })).to.include({ allowed: true, rule: 'no-role' });
    expect(decideRight(byName, grace, 'ask', { pinnedUserId: telegramUser(511) })).to.include({
      allowed: false,
      rule: 'username-pinned-elsewhere',
      path: 'p',
    });
  });

  it('name the owners of a place, in the order of the configuration', () => {
    expect(ownersOf(policy, { chatId: telegramChat(-1001), chatKind: 'group' })).to.deep.equal([
      { id: 'telegram:502', path: 'workspaces.Orchard.roles.502' },
      { id: 'telegram:501', name: 'Anna', path: 'people.telegram:501.role' },
    ]);
    expect(ownersOf(policy, { chatId: telegramChat(-1003), chatKind: 'group' })).to.deep.equal([
      { id: 'telegram:505', name: 'Eve', path: 'workspaces.Quarry.roles.505' },
    ]);
    expect(ownersOf(policy, { chatId: telegramChat(-1004), chatKind: 'group' }), 'nobody is heard there').to.deep.equal([]);
    expect(ownersOf(policy, { chatId: telegramChat(501), chatKind: 'direct' }).map(({ id }) => id)).to.deep.equal(['telegram:501']);
    expect(ownersOf(policy, { chatId: telegramChat(504), chatKind: 'direct' })).to.deep.equal([]);
  });
});
