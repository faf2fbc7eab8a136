import { strict as assert } from 'node:assert';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ADA,
  API_HASH,
  API_ID,
  BOT,
  GROUP,
  type InitSite,
  KEY,
  makeInitSite,
  NOTION_KEY,
  PINGED,
  showsNoSecret,
  TOKEN,
  WRONG_KEY,
  WRONG_TOKEN,
} from '../support/init-site.ts';
import { runKept } from '../support/run-kept.ts';

describe('kept init by flags', function () {
  this.timeout(120_000);
  let site: InitSite;
  afterEach(() => site.remove());

  const BOT_FLAGS = ['--telegram-token', TOKEN, '--api-id', API_ID, '--api-hash', API_HASH, '--owner', String(ADA)];
  const MODEL_FLAGS = ['--provider', 'anthropic', '--model-key', KEY];
  const run = (words: readonly string[], options: Parameters<typeof runKept>[2] = {}) => runKept(site, ['init', ...words], options);

  it('goes from nothing to the ping, with secrets from standard input and from variables', async () => {
    site = await makeInitSite();
    const database = site.notion.addDatabase('Orchard', { Trees: {} });
    site.server.world.setMember(GROUP, BOT);
    site.server.world.sendMessage({ from: ADA, chat: BOT, text: '/start' });
    const { code, stdout, stderr } = await run(
      [
        ...[
          '--yes',
          '--provider',
          'anthropic',
          '--model-key',
          '-',
          '--telegram-token',
          '-',
          '--api-hash',
          'env:MY_HASH',
          '--api-id',
          API_ID,
        ],
        ...[
          '--owner',
          `telegram:${ADA}`,
          '--person',
          '1002',
          '--person',
          '@carl_smith',
          '--workspace',
          'Orchard',
          '--directory',
          'orchard',
        ],
        ...['--group', String(GROUP), '--all-messages', '--notion-key', '-', '--budget', '5', '--data-dir', 'kept-data'],
        ...['--config', 'my.json'],
      ],
      { input: `${KEY}\n${TOKEN}\n${NOTION_KEY}\n`, env: { MY_HASH: API_HASH } },
    );
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, PINGED);
    showsNoSecret(stdout + stderr);
    const { KEPT_DATA_DIR, KEPT_CONFIG, ANTHROPIC_API_KEY } = await site.variables();
    assert.deepEqual(
      { KEPT_DATA_DIR, KEPT_CONFIG, ANTHROPIC_API_KEY },
      { KEPT_DATA_DIR: 'kept-data', KEPT_CONFIG: 'my.json', ANTHROPIC_API_KEY: KEY },
    );
    const written = JSON.parse((await site.read('my.json')) ?? '{}');
    assert.equal(written.workspaces.Orchard.database_id, database.id);
    assert.deepEqual(Object.keys(written.dm_whitelist.allowed_user_ids), [String(ADA), '1002']);
    assert.deepEqual(Object.keys(written.dm_whitelist.allowed_users), ['carl_smith']);
    const again = await run(['--yes']);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.doesNotMatch(again.stdout, /written:/);
    assert.match(
      again.stdout,
      /model {6}kept[\s\S]*telegram {3}kept[\s\S]*owner {6}kept[\s\S]*workspace {2}kept[\s\S]*notion {5}kept[\s\S]*budget {5}kept/,
    );
  });

  it('says in one message which flags are missing where there is no terminal, and does nothing', async () => {
    site = await makeInitSite();
    const { code, stderr, stdout } = await run([]);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    for (const flag of ['--yes', '--model-key', '--base-url', '--telegram-token', '--api-id', '--api-hash', '--telegram none', '--owner'])
      assert.ok(stderr.includes(flag), stderr);
    assert.match(stderr, /^kept: there is no terminal to ask in, and these are missing:\n {2}--yes/);
    const half = await run(['--yes', ...MODEL_FLAGS, '--telegram-token', TOKEN]);
    assert.equal(half.code, 2);
    assert.doesNotMatch(half.stderr, /--yes \(|--model-key|--telegram-token/);
    assert.match(half.stderr, /--api-id[\s\S]*--api-hash[\s\S]*--owner/);
    assert.deepEqual(await readdir(site.root), ['orchard', 'server-key.pem']);
  });

  it('keeps what others have written: comments, unknown servers, other people and workspaces', async () => {
    site = await makeInitSite();
    site.server.world.setMember(GROUP, BOT);
    site.server.world.sendMessage({ from: ADA, chat: BOT, text: '/start' });
    const env = '# by hand\nexport LOG_LEVEL=WARNING\n# ANTHROPIC_API_KEY=\nMY_OWN="a b"\n';
    await writeFile(join(site.root, '.env'), env);
    const before = {
      telegram_groups: { '-77': 'Other' },
      workspaces: {
        Other: { description: 'd', workspace_type: 't', working_directory: '.', telegram_chat_ids: ['-77'], tools: ['read_file'] },
      },
      people: { 900: { name: 'Zoe', role: 'member' } },
      dm_whitelist: { pairing: true },
      budget: { monthly_usd: 100 },
    };
    await mkdir(join(site.root, 'config'));
    await writeFile(join(site.root, 'config/workspace_config.json'), JSON.stringify(before));
    const { code, stdout, stderr } = await run([
      ...[
        '--yes',
        ...MODEL_FLAGS,
        ...BOT_FLAGS,
        '--workspace',
        'Orchard',
        '--directory',
        'orchard',
        '--group',
        String(GROUP),
        '--budget',
        '5',
      ],
    ]);
    assert.equal(code, 0, stdout + stderr);
    assert.ok(
      (await site.read('.env'))?.startsWith(`# by hand\nexport LOG_LEVEL=WARNING\nANTHROPIC_API_KEY=${KEY}\nMY_OWN="a b"\nTELEGRAM_`),
    );
    const after = await site.workspaces();
    assert.deepEqual(after.workspaces.Other, before.workspaces.Other);
    assert.deepEqual(after.telegram_groups, { '-77': 'Other', [GROUP]: 'Orchard' });
    assert.deepEqual(after.people[900], before.people[900]);
    assert.equal(after.dm_whitelist.pairing, true);
    assert.deepEqual(after.budget, { monthly_usd: 100, daily_usd: 5 });
    const copies = [...(await readdir(site.root)), ...(await readdir(join(site.root, 'config')))].filter((name) => name.endsWith('.bak'));
    assert.equal(copies.length, 2);
  });

  interface Fault {
    readonly what: string;
    readonly words: readonly string[];
    readonly prepare?: (site: InitSite) => unknown;
    readonly env?: NodeJS.ProcessEnv;
    readonly tells: RegExp;
    readonly code?: number;
  }
  const ALL = ['--yes', ...MODEL_FLAGS, ...BOT_FLAGS];
  const IN_GROUP = [...ALL, '--workspace', 'Orchard', '--group', String(GROUP)];
  const instead = (words: readonly string[], flag: string, value: string): readonly string[] => words.with(words.indexOf(flag) + 1, value);
  const FAULTS: readonly Fault[] = [
    {
      what: 'a wrong key',
      words: instead(ALL, '--model-key', WRONG_KEY),
      tells: /refused the credentials.*\n {2}→ copy the key again from https:\/\/platform\.claude\.com/,
    },
    {
      what: 'a key without credit',
      words: instead(ALL, '--model-key', 'a-key-without-credit'),
      tells: /has no credit left.*\n {2}→ the key is right, .* add some at/,
    },
    {
      what: 'a model server that is not there',
      words: ALL,
      env: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' },
      tells: /\n {2}→ is this machine on the network\? It was asked at http:\/\/127\.0\.0\.1:1/,
    },
    {
      what: 'a wrong token',
      words: instead(ALL, '--telegram-token', WRONG_TOKEN),
      tells: /does not know the bot's token: copy it again from @BotFather/,
    },
    {
      what: 'what is no token',
      words: instead(ALL, '--telegram-token', 'abc'),
      tells: /TELEGRAM_BOT_TOKEN[\s\S]*→ a bot token is a number, a colon and 35 letters/,
      code: 78,
    },
    {
      what: 'an application that Telegram does not know',
      words: ALL,
      prepare: ({ server }) => server.faults.fail('auth.importBotAuthorization', 'API_ID_INVALID'),
      tells: /do not belong together: copy both from https:\/\/my\.telegram\.org/,
    },
    {
      what: 'a Telegram that is not there',
      words: ALL,
      prepare: ({ server }) => server.goDown(),
      tells: /not connected.*\n {2}→ is this machine on the network\?/,
    },
    {
      what: 'a flood wait',
      words: ALL,
      prepare: ({ server }) => server.faults.fail('auth.importBotAuthorization', 'FLOOD_WAIT_77'),
      tells: /wait 77 s.*\n {2}→ run it again after that time/,
    },
    { what: 'a group that the bot is not in', words: IN_GROUP, tells: /it is not in the group .*\n {2}→ add it to the group/ },
    {
      what: 'a group in which the bot may not write',
      words: IN_GROUP,
      prepare: ({ server }) => server.world.setMember(GROUP, BOT, { canWrite: false }),
      tells: /it may not write in the group “Orchard” .*\n {2}→ let members send messages there, or make it an admin/,
    },
    { what: 'what is no group', words: instead(IN_GROUP, '--group', '501'), tells: /501 is not a group.*\n {2}→ write "-501" for a group/ },
    {
      what: 'a directory that is not there',
      words: [...ALL, '--workspace', 'Orchard', '--directory', 'nowhere'],
      tells: /nowhere does not exist\n {2}→ make it/,
    },
    {
      what: 'who is no person',
      words: instead(ALL, '--owner', 'ada'),
      tells: /"ada" is no number of a person at Telegram\n {2}→ write it as 501: \/whoami tells it/,
    },
    {
      what: 'a wrong key of Notion',
      words: [...ALL, '--workspace', 'Orchard', '--notion-key', 'ntn_wrong'],
      tells: /Notion.*\n {2}→ copy the key again from https:\/\/www\.notion\.so/,
    },
    {
      what: 'a key of Notion that opens nothing',
      words: [...ALL, '--workspace', 'Orchard', '--notion-key', NOTION_KEY],
      tells: /opens no database\n {2}→ open the database in Notion/,
    },
    {
      what: 'a coding agent that is not installed',
      words: [...ALL, '--coding-agent', 'acp:no-such-program'],
      tells: /KEPT_CODING_AGENT[\s\S]*no-such-program, which is not found\n {2}→ install it/,
      code: 78,
    },
    {
      what: 'a value that the environment holds already',
      words: ALL,
      env: { ANTHROPIC_API_KEY: WRONG_KEY },
      tells: /ANTHROPIC_API_KEY is set in the environment, which wins over \.env: unset it there/,
    },
    {
      what: 'a configuration that can not be read',
      words: ALL,
      prepare: ({ root }) => writeFile(join(root, '.env'), 'this is nothing\n'),
      tells: /\.env: line 1\n[\s\S]*→ write NAME=value/,
      code: 78,
    },
    {
      what: 'no secret on standard input',
      words: instead(ALL, '--model-key', '-'),
      tells: /--model-key -: standard input has no line for it/,
      code: 2,
    },
    {
      what: 'a variable that is not set',
      words: instead(ALL, '--model-key', 'env:NOT_SET'),
      tells: /--model-key: the variable NOT_SET is not set/,
      code: 2,
    },
    { what: 'what is no amount', words: [...ALL, '--budget', 'much'], tells: /--budget: "much" is no amount: write US dollars/, code: 2 },
  ];
  for (const { what, words, prepare, env = {}, tells, code = 1 } of FAULTS)
    it(`tells the fix where it meets ${what}`, async () => {
      site = await makeInitSite();
      await prepare?.(site);
      const ended = await run(words, { env });
      assert.match(ended.stderr, tells, ended.stdout);
      assert.equal(ended.code, code);
      showsNoSecret(ended.stdout + ended.stderr);
      assert.doesNotMatch(ended.stderr, /^\s+at /m);
    });

  it('goes on with a warning where privacy mode keeps messages from a bot that should answer all of them', async () => {
    site = await makeInitSite({ privacyMode: true });
    site.server.world.setMember(GROUP, BOT);
    site.server.world.sendMessage({ from: ADA, chat: BOT, text: '/start' });
    const { code, stdout, stderr } = await run([...IN_GROUP, '--all-messages']);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /warning .*privacy mode\)\n {2}→ make it an admin of the group; or send \/setprivacy to @BotFather/);
  });

  it('finds out before anything is asked that it may not write there', async function () {
    if (process.getuid?.() !== 0) return this.skip();
    site = await makeInitSite();
    await chmod(site.root, 0o755);
    const { code, stderr } = await run(ALL, { as: { uid: 65_534, gid: 65_534 } });
    assert.equal(code, 1);
    assert.match(stderr, /\.env can't be written \(EACCES\): let this user write in .*, or run it in a directory of yours/);
    assert.equal(site.asked(), 0);
  });
});
