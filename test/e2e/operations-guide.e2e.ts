import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3-13';
import { expect } from 'chai';
import { VARIABLE_NAMES } from '../../src/config/environment.ts';
import { type FakeNotion, NOTION_KEY, openNotion, status } from '../fakes/notion/index.ts';
import { makeSite, type Site } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const PAGE = readFileSync(fileOf('docs/how-to/from-the-operations-guide.md'), 'utf8');

/** What stands at the right of each row, in the order of the page. */
const ROWS = [...PAGE.matchAll(/^\| (?!in the guide)[^\n]+ \| `([^`\n]+)` \|$/gm)].map(([, row = '']) => row);

/** What a command prints, and how it ends (0 unless told). */
const ANSWERS: Readonly<Record<string, readonly [said: RegExp, code?: number]>> = {
  'kept start --detach': [/PID \d+/],
  'kept health': [/storage\.database/],
  'kept status': [/\(PID \d+\)/],
  'curl -s http://localhost:9000/health': [/"status":"(healthy|degraded)"/],
  'kept start': [/PID \d+/, 1],
  'kept stop': [/[Ss]topped/],
  'kept scout --project PsyOPTIMAL "What tasks are ready for dev?"': [/Write the intake form/],
  'kept scout --project psy "What tasks are there?"': [/Choose a logo/],
  'kept agent run telegram_chat_agent "hello"': [/hello/i],
  'kept agent run valor_agent "hello"': [/hello/i],
  'kept agent list': [/notion_scout/],
  'kept health --deep': [/agent\.valor_agent +ok/],
  'kept config check': [/Configuration OK/],
  'kept config plan --config config/workspace_config.json': [/Nobody gains or loses anything/],
  'kept mcp write --dry-run': [/"mcpServers"/],
  'kept mcp list': [/./],
  'kept access PsyOPTIMAL': [/PsyOPTIMAL/],
  'kept access @tomcounsell': [/tomcounsell/],
  'kept access telegram:179144806': [/179144806/],
  'sqlite3 data/system.db "SELECT status, COUNT(*) as count FROM promises GROUP BY status;"': [/^\[\]$/],
  'kept logs --area promises': [/^/],
  'kept health --deep --json': [/"id": "agent\.telegram_chat_agent",\s+"status": "ok"/],
  'curl -s http://localhost:9000/health/report': [/"system_status".*"agents".*"external_services".*"performance_metrics"/s],
  'kept stats': [/KIND|Nothing was measured/],
  'kept logs --area agents': [/^/],
  'kept logs --level debug': [/./],
  'kept doctor': [/./],
  'curl -s http://localhost:9000/health/ready': [/"ready":true/],
  'ENVIRONMENT=production kept config check': [/KEPT_API_TOKEN/],
  'kept alerts list': [/service\.errors/],
  'kept alerts test': [/./],
  'kept bench self --seconds 5': [/messages a second/],
  'kept backup create': [/./],
  'kept upgrade --check': [/changes nothing/],
};

/** Commands whose verdict is about this test's own surroundings: that they end with one of these codes is enough. */
const VERDICTS = /^(kept (health|doctor|alerts)|ENVIRONMENT=production)/;

/** Rows that tests of their own run. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'kept demo': 'test/e2e/demo.e2e.ts',
  'kept demo --keep': 'test/e2e/demo.e2e.ts',
  'kept init': 'test/e2e/init.e2e.ts',
};

/** The order of the page begins with the start of Kept, and these follow its end. */
const STOPPED = ['kept stop', 'kept start --detach && kept health; kept stop'];

const workspace = (site: Site, databaseId: string) => ({
  database_id: databaseId,
  description: 'PsyOPTIMAL team chat and project management',
  workspace_type: 'psyoptimal',
  working_directory: site.project,
  telegram_chat_ids: ['-1002600253717'],
  aliases: ['psyoptimal', 'PO', 'psy'],
});

/** The whitelist of the guide. */
const whitelist = (site: Site) => ({
  default_working_directory: site.project,
  allowed_users: { tomcounsell: { username: 'tomcounsell', description: 'Owner', working_directory: site.project } },
  allowed_user_ids: { '179144806': { description: 'the same, by id', working_directory: site.project } },
});

describe('Each row of the page on the operations guide', function () {
  this.timeout(180_000);
  let site: Site;
  let notion: FakeNotion;
  let url = '';

  before(async () => {
    notion = await openNotion();
    const statuses = { type: 'status', options: ['Ready for dev', 'In progress'] } as const;
    const psy = notion.addDatabase('Psy tasks', { Tasks: { Name: { type: 'title' }, Status: statuses } });
    notion.addEntry(psy, 'Write the intake form', { properties: { Status: status('Ready for dev') } });
    notion.addEntry(psy, 'Choose a logo', { properties: { Status: status('In progress') } });
    site = await makeSite({ KEPT_MODELS: 'rehearsal', NOTION_API_KEY: NOTION_KEY, NOTION_BASE_URL: notion.url });
    const workspaces = { PsyOPTIMAL: workspace(site, psy.id) };
    const telegram_groups = { '-1002600253717': 'PsyOPTIMAL' };
    await writeFile(site.env.KEPT_CONFIG ?? '', JSON.stringify({ workspaces, telegram_groups, dm_whitelist: whitelist(site) }));
  });
  after(async () => {
    await run('kept stop');
    await site?.remove();
    await notion?.close();
  });

  const run = async (command: string): Promise<{ readonly said: string; readonly code: number | null }> => {
    const [, sql] = /^sqlite3 data\/system\.db "(.+)"$/.exec(command) ?? [];
    if (sql !== undefined) {
      const database = new Database(site.database, { readonly: true });
      const said = JSON.stringify(database.prepare(sql).all());
      database.close();
      return { said, code: 0 };
    }
    const [, path] = /^curl -s http:\/\/localhost:9000(\/\S+)$/.exec(command) ?? [];
    if (path !== undefined) return { said: await (await fetch(`${url}${path}`)).text(), code: 0 };
    const [, before = '', words = ''] = /^((?:[A-Z_]+=\S+ )*)kept (.+)$/.exec(command) ?? [];
    const env = Object.fromEntries(before.split(' ').flatMap((pair) => (pair === '' ? [] : [pair.split('=') as [string, string]])));
    const parts = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    const inSite = parts.map((part) => (part === 'config/workspace_config.json' ? (site.env.KEPT_CONFIG ?? '') : part));
    const { stdout, stderr, code } = await runKept(site, inSite, { env });
    url = /http:\/\/127\.0\.0\.1:\d+/.exec(stdout + stderr)?.[0] ?? url;
    return { said: stdout + stderr, code };
  };

  const expectRow = async (row: string): Promise<void> => {
    if (row.startsWith('deploy/') || row === 'package-lock.json') return void expect(existsSync(fileOf(row)), row).to.equal(true);
    const elsewhere = ELSEWHERE[row];
    if (elsewhere !== undefined) return void expect(readFileSync(fileOf(elsewhere), 'utf8')).to.match(/describe\(/);
    const [, script] = /^npm (?:run )?(\w+)$/.exec(row) ?? [];
    if (script !== undefined && script !== 'ci')
      return void expect(JSON.parse(readFileSync(fileOf('package.json'), 'utf8')).scripts).to.have.property(script);
    if (row.startsWith('npm ')) return void expect(readFileSync(fileOf('package-lock.json'), 'utf8')).to.include('node_modules/openai');
    for (const command of row.split(/ && |; /)) {
      const { said, code } = await run(command);
      const [words, wanted = 0] = ANSWERS[command] ?? [/$^/];
      expect(said, command).to.match(words);
      if (VERDICTS.test(command)) expect([0, 1, 2, 78], said).to.include(code);
      else expect(code, said).to.equal(wanted);
    }
  };

  // What needs a running Kept stands between its start and its end, wherever the page tells of them.
  const whileItRuns = ROWS.filter((row) => !STOPPED.includes(row));
  for (const row of [...whileItRuns, ...STOPPED.filter((each) => ROWS.includes(each))]) it(row, () => expectRow(row));

  it('is told here, and no other', () => {
    const commands = ROWS.flatMap((row) => row.split(/ && |; /)).filter((row) => /(^|\s)kept |^curl |^sqlite3 /.test(row));
    expect(commands.filter((command) => !ANSWERS[command] && !ELSEWHERE[command])).to.deep.equal([]);
    expect(
      Object.keys({ ...ANSWERS, ...ELSEWHERE }).filter((command) => command !== 'kept health' && !commands.includes(command)),
    ).to.deep.equal([]);
    expect(ROWS).to.have.length.above(40);
  });

  it('tells of variables that there are', () => {
    const told = [...PAGE.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name = '']) => name);
    expect(told.filter((name) => name !== 'REDIS_URL' && name !== 'HEALTHCHECK' && !VARIABLE_NAMES.includes(name as never))).to.deep.equal(
      [],
    );
  });
});
