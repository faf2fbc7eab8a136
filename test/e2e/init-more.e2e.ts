import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readEnvFile } from '../../src/config/index.ts';
import { openChatPeer } from '../fakes/openai/peer.ts';
import { COMPATIBLE } from '../fakes/openai/servers.ts';
import { ADA, API_HASH, API_ID, BOT, GROUP, type InitSite, KEY, makeInitSite, PINGED, TOKEN } from '../support/init-site.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { listenHttp } from '../support/loopback.ts';
import { chunk, endOf } from '../support/openai-chunks.ts';
import { runKept } from '../support/run-kept.ts';
import { CTRL_C, openTerminal } from '../support/terminal.ts';

const BOT_FLAGS = ['--telegram-token', TOKEN, '--api-id', API_ID, '--api-hash', API_HASH, '--owner', String(ADA)];

describe('kept init, beside what runs and with other models', function () {
  this.timeout(120_000);
  let site: InitSite;
  beforeEach(async () => {
    site = await makeInitSite();
  });
  afterEach(() => site.remove());
  const run = (...words: readonly string[]) => runKept(site, ['init', '--yes', ...words]);

  it('proves a model of a compatible server without a key, and says that no price is known', async () => {
    const peer = await openChatPeer((request) => {
      if (request.model === 'small') return [chunk({ role: 'assistant', content: 'ready' }), ...endOf(12, 3)];
      return { status: 404, error: { message: `model "${request.model}" not found`, type: 'not_found_error' } };
    }, COMPATIBLE);
    try {
      const where = ['--telegram', 'none', '--base-url', peer.url];
      const wrong = await run(...where, '--model', 'large');
      assert.equal(wrong.code, 1);
      assert.match(wrong.stderr, /\n {2}→ name a model that is there with --model; it was asked at http:\/\/127/);
      assert.equal(await site.read('.env'), undefined);
      const lacking = await run(...where);
      assert.equal(lacking.code, 2);
      assert.match(lacking.stderr, /--model <name>/);
      const { code, stdout, stderr } = await run(...where, '--model', 'small');
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /openai\/small answered \(12 tokens in, 3 out; no price is known\)/);
      assert.deepEqual(await site.variables(), { OPENAI_BASE_URL: peer.url, OPENAI_MODEL: 'small' });
      assert.deepEqual(peer.broken, []);
    } finally {
      await peer.close();
    }
  });

  it('sends no new key to an address that an earlier choice left in .env, unless it is told to', async () => {
    const peer = await openChatPeer(() => [chunk({ role: 'assistant', content: 'ready' }), ...endOf(12, 3)], COMPATIBLE);
    try {
      const before = `OPENAI_BASE_URL=${peer.url}\nOPENAI_MODEL=small\n`;
      await writeFile(join(site.root, '.env'), before);
      const openai = ['--telegram', 'none', '--provider', 'openai', '--model-key', KEY];
      const refused = await run(...openai);
      assert.equal(refused.code, 1, refused.stdout + refused.stderr);
      assert.ok(refused.stderr.includes(`OPENAI_BASE_URL in .env is ${peer.url}: the key would go there`), refused.stderr);
      assert.match(refused.stderr, /\n {2}→ name the server with --base-url/);
      assert.equal(peer.requests.length, 0);
      assert.equal(await site.read('.env'), before);
      const told = await run(...openai, '--base-url', peer.url);
      assert.equal(told.code, 0, told.stdout + told.stderr);
      assert.equal(peer.requests.length, 1);
      const again = await run('--telegram', 'none', '--provider', 'openai');
      assert.equal(again.code, 0, again.stdout + again.stderr);
    } finally {
      await peer.close();
    }
  });

  it('sends no key that stands to an address that it was not given for', async () => {
    const peer = await openChatPeer(() => [chunk({ role: 'assistant', content: 'ready' }), ...endOf(12, 3)], COMPATIBLE);
    try {
      const before = `OPENAI_API_KEY=${KEY}\n`;
      await writeFile(join(site.root, '.env'), before);
      const there = ['--telegram', 'none', '--base-url', peer.url, '--model', 'small'];
      for (const provider of [[], ['--provider', 'openai']]) {
        const refused = await run(...there, ...provider);
        assert.equal(refused.code, 1, refused.stdout + refused.stderr);
        assert.ok(
          refused.stderr.includes(`OPENAI_API_KEY was given for https://api.openai.com/v1, and would go to ${peer.url}`),
          refused.stderr,
        );
        assert.match(refused.stderr, /\n {2}→ give the key of that server with --model-key, or --model-key "" if it needs none/);
      }
      const inEnvironment = await runKept(site, ['init', '--yes', ...there], { env: { OPENAI_API_KEY: KEY } });
      assert.match(inEnvironment.stderr, /\n {2}→ set OPENAI_BASE_URL beside it in the environment/);
      assert.equal(peer.requests.length, 0);
      assert.equal(await site.read('.env'), before);
      const told = await run(...there, '--model-key', '');
      assert.equal(told.code, 0, told.stdout + told.stderr);
      assert.equal(peer.requests.length, 1);
      assert.deepEqual(await site.variables(), { OPENAI_API_KEY: '', OPENAI_BASE_URL: peer.url, OPENAI_MODEL: 'small' });
      const again = await run(...there);
      assert.equal(again.code, 0, again.stdout + again.stderr);
    } finally {
      await peer.close();
    }
  });

  it('asks a person for the key of another server, and sends it none where it needs none', async () => {
    const headers: (string | undefined)[] = [];
    const server = await listenHttp((request, response) => {
      headers.push(request.headers.authorization);
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"model not found"}}');
    });
    try {
      await writeFile(join(site.root, '.env'), `OPENAI_API_KEY=${KEY}\n`);
      const terminal = openTerminal(site, ['init', '--base-url', server.url, '--model', 'small', '--telegram', 'none']);
      await terminal.answer(/Key \(nothing is shown; Enter alone if it needs none\): $/, '');
      await terminal.answer(/→ name a model that is there[\s\S]*Try again\? \[Y\/n\] $/, '');
      await terminal.answer(/Address of the server.*: $/, '');
      await terminal.answer(/Key \(nothing is shown; Enter alone if it needs none\): $/, '');
      await terminal.answer(/Name of the model: $/, '');
      await terminal.until(/→ name a model that is there[\s\S]*Try again\? \[Y\/n\] $/);
      terminal.type(CTRL_C);
      await terminal.ended;
      assert.ok(headers.length > 1 && headers.every((header) => header === undefined || !header.includes(KEY)), headers.join());
    } finally {
      await server.close();
    }
  });

  it('warns where Git would take up .env or the copy of it', async () => {
    await promisify(execFile)('git', ['init', '-q', site.root]);
    await writeFile(join(site.root, '.gitignore'), '.env\n');
    await writeFile(join(site.root, '.env'), 'LOG_LEVEL=WARNING\n');
    const { code, stderr } = await run('--telegram', 'none', '--provider', 'rehearsal', '--data-dir', 'elsewhere');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /warning: Git does not ignore .*\.env\.\S+\.bak, and it holds keys: add it to \.gitignore/);
    assert.doesNotMatch(stderr, /\.env, and it holds keys/);
  });

  it('fails with its fix where the owner has not begun a chat with the bot, and works once they have', async () => {
    const first = await run('--provider', 'rehearsal', ...BOT_FLAGS);
    assert.equal(first.code, 1, first.stdout);
    assert.match(
      first.stdout,
      /on Telegram: FAILED: .*\n +→ a bot can't begin a chat: send it \/start from telegram:1001, and run .* init/,
    );
    site.server.world.sendMessage({ from: ADA, chat: BOT, text: '/start' });
    const second = await run('--provider', 'rehearsal');
    assert.equal(second.code, 0, second.stdout + second.stderr);
    assert.match(second.stdout, PINGED);
  });

  it('leaves the session of a running bot alone, and says that it still uses what it read', async () => {
    site.server.world.sendMessage({ from: ADA, chat: BOT, text: '/start' });
    assert.equal((await run('--provider', 'rehearsal', ...BOT_FLAGS)).code, 0);
    const { PORT = '0', KEPT_DATA_DIR = '' } = site.env;
    let bot: KeptProcess | undefined;
    try {
      bot = await startKept({ ...site, dataDir: KEPT_DATA_DIR, database: '', env: { ...site.env, PORT } }, 'start');
      site.server.allowOnePlaceOnly(60_000);
      const { code, stdout, stderr } = await run('--provider', 'anthropic', '--model-key', KEY, ...BOT_FLAGS);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, new RegExp(`ping {7}left out: Kept runs here \\(PID ${bot.child.pid}\\), with what it read at its start`));
      site.server.world.sendMessage({ from: ADA, chat: BOT, text: 'are you there?' });
      await site.server.sent.until(({ chat, replyTo }) => chat === ADA && replyTo !== undefined);
    } finally {
      await bot?.stop();
    }
  });

  it('leaves whole files wherever it is killed, and comes to its end when it is left alone', async () => {
    const { server, root } = site;
    server.world.sendMessage({ from: ADA, chat: BOT, text: '/start' });
    server.world.setMember(GROUP, BOT);
    const before = '# by hand\nLOG_LEVEL=WARNING\n';
    await writeFile(join(root, '.env'), before);
    const words = [
      '--provider',
      'anthropic',
      '--model-key',
      KEY,
      ...BOT_FLAGS,
      '--workspace',
      'Orchard',
      '--group',
      String(GROUP),
      '--budget',
      '3',
    ];
    const seen = new Set<string>();
    // Each change of a file is a moment at which the next life is killed: at the first, the second, and so on.
    for (let changes = 1; changes <= 6; changes++) {
      const ended = await runKept(site, ['init', '--yes', ...words], {
        onStarted: (child) => {
          let left = changes;
          child.stdout?.on('data', (chunk: Buffer) => {
            left -= chunk.toString().split('written:').length - 1;
            if (left <= 0) child.kill('SIGKILL');
          });
        },
      });
      const variables = readEnvFile(await readFile(join(root, '.env')));
      assert.deepEqual(variables.problems, []);
      assert.equal(variables.variables.LOG_LEVEL, 'WARNING');
      const workspaces = await site.workspaces();
      seen.add(JSON.stringify([Object.keys(variables.variables), Object.keys(workspaces)]));
      if (ended.code === 0) break;
    }
    assert.ok(seen.size > 2, [...seen].join('\n'));
    const { code, stdout, stderr } = await run(...words);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, PINGED);
    const drafts = [...(await readdir(root)), ...(await readdir(join(root, 'config')))].filter((name) => name.endsWith('.draft'));
    assert.deepEqual(drafts, []);
    const copies = (await readdir(root)).filter((name) => name.endsWith('.bak'));
    assert.ok((await Promise.all(copies.map((name) => site.read(name)))).includes(before));
  });

  it('ends by a signal as by Ctrl-C', async () => {
    const terminal = openTerminal(site, ['init']);
    await terminal.until(/Number \[1\]: $/);
    terminal.kill('SIGTERM');
    await terminal.until(/What was written stands[\s\S]*kept: it was stopped by SIGTERM/);
    assert.equal(await terminal.ended, 143);
  });

  it('says at the end of the input that nobody answered', async () => {
    const terminal = openTerminal(site, ['init']);
    await terminal.until(/Number \[1\]: $/);
    terminal.type('\x04');
    await terminal.until(/kept: nobody typed an answer/);
    assert.equal(await terminal.ended, 1);
  });

  it('is completed by shells, flags and choices', async () => {
    const { stdout } = await runKept(site, ['completion', 'bash']);
    const [, flags = ''] = /"init"\) words="([^"]*)"/.exec(stdout) ?? [];
    for (const flag of ['--yes', '--model-key', '--telegram-token', '--api-id', '--api-hash', '--workspace', '--directory', '--owner'])
      assert.ok(flags.split(' ').includes(flag), flags);
    assert.match(stdout, /"init --provider"\) words="anthropic openai compatible rehearsal"/);
    assert.match(stdout, /"login"\) words="--phone --qr --help"/);
  });
});
