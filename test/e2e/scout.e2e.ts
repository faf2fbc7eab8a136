import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { type FakeNotion, NOTION_KEY, openNotion, status } from '../fakes/notion/index.ts';
import { makeSite, type Site } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';

const PROPERTIES = { Name: { type: 'title' }, Status: { type: 'status', options: ['Ready for dev', 'In progress', 'Done'] } } as const;

describe('kept scout', function () {
  this.timeout(60_000);
  let site: Site;
  let notion: FakeNotion;
  const urls: Record<string, string> = {};

  before(async () => {
    notion = await openNotion();
    const psy = notion.addDatabase('Psy tasks', { Tasks: PROPERTIES });
    const flex = notion.addDatabase('Flex tasks', { Tasks: PROPERTIES });
    for (const [database, title, state] of [
      [psy, 'Write the intake form', 'Ready for dev'],
      [psy, 'Choose a logo', 'In progress'],
      [flex, 'Book the ferry', 'Ready for dev'],
    ] as const)
      urls[title] = notion.addEntry(database, title, { properties: { Status: status(state) } }).url;
    site = await makeSite({ KEPT_MODELS: 'rehearsal', NOTION_API_KEY: NOTION_KEY, NOTION_BASE_URL: notion.url });
    const workspace = { description: 'A project', workspace_type: 'team', working_directory: site.project, telegram_chat_ids: [] };
    const workspaces = {
      PsyOPTIMAL: { ...workspace, database_id: psy.id, aliases: ['psy'] },
      FlexTrip: { ...workspace, database_id: flex.id, aliases: ['flex'] },
      Empty: { ...workspace, database_id: '****', aliases: [] },
    };
    await writeFile(site.env.KEPT_CONFIG ?? '', JSON.stringify({ workspaces, dm_whitelist: { default_working_directory: site.project } }));
  });
  after(async () => {
    await site.remove();
    await notion.close();
  });

  for (const project of ['PsyOPTIMAL', 'psy', 'PSY', 'psyoptimal'])
    it(`answers with title, status and link from the database of ${project}`, async () => {
      const { code, stdout, stderr } = await runKept(site, ['scout', '--project', project, 'What tasks are ready for dev?']);
      expect(code, stderr).to.equal(0);
      expect(stdout).to.include(`- Write the intake form (Ready for dev): ${urls['Write the intake form']}`);
      expect(stdout).not.to.include('Choose a logo').and.not.include('Book the ferry');
    });

  it('takes -p and --json, and gives the entries that the answer names', async () => {
    const { code, stdout, stderr } = await runKept(site, ['scout', '-p', 'flex', '--json', 'What tasks are ready for dev?']);
    expect(code, stderr).to.equal(0);
    const { answer, entries } = JSON.parse(stdout) as { answer: string; entries: object[] };
    expect(answer).to.include('Book the ferry');
    expect(entries).to.deep.equal([{ title: 'Book the ferry', status: 'Ready for dev', url: urls['Book the ferry'] }]);
  });

  it('reaches every accessible database where no project is named', async () => {
    const { code, stdout, stderr } = await runKept(site, ['scout', 'What tasks are there?']);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include('PsyOPTIMAL').and.include('FlexTrip').and.not.include('Empty');
    const asked = await runKept(site, ['scout', '--json', 'use query_notion {"workspace": "FlexTrip"}']);
    expect(JSON.parse(asked.stdout)).to.have.property('entries').with.length(1);
  });

  for (const project of ['ps', 'PsyOPTIMA', 'psyoptimal '])
    it(`never guesses: ${JSON.stringify(project)} lists the projects and exits 1`, async () => {
      const { code, stdout, stderr } = await runKept(site, ['scout', '--project', project, 'anything']);
      expect([code, stdout]).to.deep.equal([1, '']);
      expect(stderr).to.include('PsyOPTIMAL').and.include('FlexTrip').and.include('Empty');
    });

  it('lists the projects with -l', async () => {
    const { code, stdout } = await runKept(site, ['scout', '-l']);
    expect(code).to.equal(0);
    expect(stdout)
      .to.match(/PsyOPTIMAL +psy +yes/)
      .and.match(/Empty +no/);
  });

  it('says where a missing database or key is set, and exits 1', async () => {
    const noDatabase = await runKept(site, ['scout', '-p', 'Empty', 'anything']);
    expect(noDatabase.code).to.equal(1);
    expect(noDatabase.stderr).to.include('database_id').and.include('workspaces.Empty');
    const noKey = await runKept(site, ['scout', '-p', 'psy', 'anything'], { env: { NOTION_API_KEY: '' } });
    expect(noKey.code).to.equal(1);
    expect(noKey.stderr).to.include('NOTION_API_KEY is not set');
  });

  it('asks for a question first, and then says all that is missing at once', async () => {
    const [noQuestion, both, broken] = await Promise.all([
      runKept(site, ['scout'], { env: { PORT: 'abc', NOTION_API_KEY: '' } }),
      runKept(site, ['scout', '-p', 'nobody', 'anything'], { env: { NOTION_API_KEY: '' } }),
      runKept(site, ['scout', '-p', 'psy', 'anything'], { env: { PORT: 'abc', NOTION_API_KEY: '' } }),
    ]);
    expect(noQuestion.code).to.equal(2);
    expect(noQuestion.stderr).to.include('nothing is asked').and.not.include('PORT');
    expect(both.code).to.equal(1);
    expect(both.stderr).to.include('there is no workspace nobody').and.include('NOTION_API_KEY is not set');
    expect(broken.code).to.equal(78);
    expect(broken.stderr).to.include('error: PORT').and.include('error: NOTION_API_KEY');
  });

  for (const [baseUrl, reason] of [
    ['http://127.0.0.1:9', 'bad port'],
    ['http://127.0.0.1:4', 'ECONNREFUSED'],
  ] as const)
    it(`says where Notion can't be reached, and why: ${reason}`, async () => {
      const words = `Notion can't be reached, or the connection broke (${reason}); it is asked at ${baseUrl}: see NOTION_BASE_URL`;
      const env = { NOTION_BASE_URL: baseUrl };
      const told = await runKept(site, ['scout', '-p', 'psy', '--json', 'What is ready?'], { env });
      expect(told.code).to.equal(1);
      expect(JSON.parse(told.stdout)).to.deep.equal({ error: { code: 'port/unavailable', message: words } });
      const { code, stderr } = await runKept(site, ['scout', '-p', 'psy', 'What is ready?'], { env });
      expect(code).to.equal(1);
      expect(stderr).to.include(`kept: ${words}`);
    });

  it('tells what Notion refused, and exits 1', async () => {
    const { code, stdout, stderr } = await runKept(site, ['scout', '-p', 'psy', 'What is ready?'], {
      env: { NOTION_API_KEY: 'ntn_another_key_that_notion_does_not_know_0000' },
    });
    expect(stdout + stderr)
      .to.match(/NOTION_API_KEY|token|key/i)
      .and.not.include('ntn_another_key');
    expect(code).to.equal(1);
  });
});
