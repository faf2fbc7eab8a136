import { strict as assert } from 'node:assert';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { makeRedactor } from '../../../src/adapters/redaction/index.ts';
import type { HealthReport } from '../../../src/domain/index.ts';
import { reportText } from '../../../src/main/doctor/report.ts';
import { withoutPeople } from '../../../src/main/doctor/without-people.ts';
import { type DoctorSite, openDoctorSite } from '../../support/doctor-site.ts';
import { configOf } from '../../support/site-config.ts';

const check = (id: string, message: string): HealthReport['checks'][number] => ({ id, status: 'warn', message, fixHint: 'see @BotFather' });

describe('the report of the doctor', () => {
  let site: DoctorSite;
  before(async () => {
    site = await openDoctorSite({ started: false });
    await mkdir(join(site.dataDir, 'logs'), { recursive: true });
  });
  after(() => site.close());

  const report = async (checks: HealthReport['checks'], log: string): Promise<string> => {
    await writeFile(join(site.dataDir, 'logs', 'kept.log'), log);
    const read = configOf({ ...site.env, KEPT_API_TOKEN: 'a-token-of-this-site-4711' }, site.dir);
    const whitelist = { ...read.policy.whitelist, usernames: new Map([['ada_lovelace', { description: 'Ada', path: 'x' }]]) };
    const config = { ...read, policy: { ...read.policy, whitelist } };
    return reportText({ config, report: { status: 'degraded', checks }, at: new Date(0) }, makeRedactor(config.secrets));
  };
  const line = (msg: string, more: object = {}): string => `${JSON.stringify({ level: 'error', time: '2026', msg, ...more })}\n`;

  it('holds no secret, and nothing that names a person or a chat', async () => {
    const key = `sk-proj-${'Ab1'.repeat(16)}`;
    const text = await report(
      [
        check('gateway.telegram-rights', 'it may not write in the group "Our \\"secret\\" team" (psy), and not telegram:501:7'),
        check('config.env', `${join(homedir(), 'kept')} belongs to @ada_lovelace, +44 20 7946 0958`),
        check('storage.database', 'postgres://kept:hidden-word-1@db/kept'),
      ],
      line(`Ada_Lovelace wrote in -1001234567890 with ${key}`, { reason: 'a-token-of-this-site-4711', input: 'what a person wrote' }),
    );
    const planted = [
      key,
      'a-token-of-this-site',
      'hidden-word',
      'secret',
      'team"',
      '501',
      'lovelace',
      '7946',
      '1234567890',
      homedir(),
      'wrote"',
    ];
    for (const each of planted) assert.ok(!text.toLowerCase().includes(each.toLowerCase()), `${each}: ${text}`);
    assert.ok(!text.includes('what a person wrote'));
    assert.ok(text.includes('see @BotFather'));
    assert.ok(text.includes('(psy)'));
  });

  it('knows people and chats of the configuration in any case, by bare numbers, and leaves other words alone', async () => {
    const path = join(site.dir, 'people.json');
    await writeFile(
      path,
      JSON.stringify({
        workspaces: {
          psy: { description: 'x', workspace_type: 'team', working_directory: site.dir, telegram_chat_ids: ['-1001234567890', '-4711'] },
        },
        telegram_groups: { '-1001234567890': 'psy', '-4711': 'psy' },
        dm_whitelist: {
          description: 'x',
          default_working_directory: site.dir,
          allowed_users: { Grace_Hopper: { description: 'the admiral' } },
          allowed_user_ids: { 50123: { description: 'Ann of accounts' } },
        },
        people: { 'telegram:60123': { name: 'Ann', role: 'owner' }, 'telegram:70123': { name: 'An' } },
      }),
    );
    const config = configOf({ ...site.env, KEPT_CONFIG: path }, site.dir);
    assert.deepEqual([config.policy.people?.size, config.policy.whitelist.usernames.size, config.policy.workspaces.length], [2, 1, 1]);
    const scrub = withoutPeople(config.policy);
    assert.equal(
      scrub('ann, ANN and An wrote; an annual plan of Annette; grace_hopper, The Admiral, ann of accounts'),
      '[person], [person] and [person] wrote; an annual plan of Annette; [person], [person], [person]',
    );
    assert.equal(
      scrub('allowed_user_ids.50123, 60123, -4711, group 1234567890, -1001234567890; 150123 ms'),
      'allowed_user_ids.[id], [id], [id], group [id], [id]; 150123 ms',
    );
  });

  it('reads on in the log that was put aside a moment ago, and no further than it may', async () => {
    const aside = join(site.dataDir, 'logs', 'kept.log.1');
    await writeFile(aside, `${'x'.repeat(600_000)}\n${line('it failed before the turn-over')}`);
    try {
      const told = await report([], line('it failed after it'));
      assert.match(told, /- 2026 error it failed before the turn-over\n- 2026 error it failed after it/);
    } finally {
      await rm(aside);
    }
  });

  it('tells the last twenty lines of a huge log, cut, and leaves out what is no line of one', async () => {
    const log = `${'x'.repeat(600_000)}\nno JSON\n${Array.from({ length: 30 }, (_, i) => line(`fault ${i} ${'long '.repeat(200)}`)).join('')}null\n`;
    const told = (await report([], log)).split('## Last errors of the log\n')[1]?.split('\n') ?? [];
    assert.equal(told.length, 20);
    assert.match(told[0] ?? '', /error fault 10 /);
    assert.ok(told.every((one) => one.length <= 310));
  });
});
