import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  ADA,
  API_HASH,
  API_ID,
  BOB,
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
} from '../support/init-site.ts';
import { readQrCode } from '../support/read-qr-code.ts';
import { runKept } from '../support/run-kept.ts';
import { CTRL_C, openTerminal, type Terminal } from '../support/terminal.ts';

/** Whoever adds the bot to a group is told of by Telegram itself. */
const addToGroup = ({ server: { world } }: InitSite, role: 'admin' | 'member' = 'member'): void => {
  world.setMember(GROUP, BOT, { role });
  const action = { _: 'messageActionChatAddUser', users: [BigInt(BOT)] };
  world.sendMessage({ from: ADA, chat: GROUP, text: '', action });
};

/** The owner finds the code in the terminal, and sends it to the bot. Somebody else guesses one. */
const introduce = async (terminal: Terminal, { server }: InitSite): Promise<void> => {
  const [, code = ''] = await terminal.until(/\/start ([\da-f]{10})\n/);
  await terminal.until(/Waiting for it/);
  server.world.sendMessage({ from: BOB, chat: BOT, text: '/start 0123456789' });
  server.world.sendMessage({ from: ADA, chat: BOT, text: `/start ${code}` });
  await terminal.answer(/Ada \(@ada, 1001\) has written it\. Is that you\? \[Y\/n\] $/, '');
};

const giveBot = async (terminal: Terminal): Promise<void> => {
  await terminal.answer(/How is it on Telegram\?[\s\S]*Number \[1\]: $/, '1');
  await terminal.answer(/api_id: $/, API_ID);
  await terminal.answer(/api_hash \(nothing is shown\): $/, API_HASH);
  await terminal.answer(/Token of the bot \(nothing is shown\): $/, TOKEN);
  await terminal.until(/@kept_bot is signed in.*\n {2}written: \.env/);
};

describe('kept init in a terminal', function () {
  this.timeout(120_000);
  let site: InitSite;
  const open = (words: readonly string[] = [], after?: string): Terminal =>
    openTerminal(site, ['init', ...words], after === undefined ? {} : { after });
  afterEach(() => site.remove());

  it('goes from nothing to the ping in the real chat: each mistake is told with its fix, and no secret is shown', async () => {
    site = await makeInitSite({ privacyMode: true });
    const { notion, server } = site;
    notion.addDatabase('Orchard', { Trees: {}, Apples: {} });
    const attic = notion.addDatabase('Old things', { Attic: {} });
    const terminal = open();
    await terminal.answer(/Which model answers\?[\s\S]*Number \[1\]: $/, '7');
    await terminal.answer(/Number \[1\]: $/, '1');
    await terminal.answer(/Key of Anthropic .*: $/, WRONG_KEY);
    await terminal.answer(/refused the credentials[\s\S]*→ copy the key again[\s\S]*Try again\? \[Y\/n\] $/, '');
    await terminal.answer(/Key of Anthropic .*: $/, KEY);
    await terminal.until(/anthropic\/claude-sonnet-5-5 answered \(10 tokens in, \d+ out; cost \$0\.0\d+\)\n {2}written: \.env/);
    await giveBot(terminal);
    await introduce(terminal, site);
    await terminal.until(/Ada \(1001\) may talk to it, and do everything/);
    await terminal.answer(/a project with a group of its own\? \[Y\/n\] $/, 'y');
    await terminal.answer(/Name of the project .*: $/, 'Orchard');
    await terminal.answer(/Its directory .*: $/, 'nowhere');
    await terminal.answer(/nowhere does not exist\n {2}→ make it[\s\S]*Try again\? \[Y\/n\] $/, '');
    await terminal.answer(/Its directory .*: $/, 'orchard');
    await terminal.until(/Add @kept_bot to the group now[\s\S]*Waiting to hear from it/);
    addToGroup(site);
    await terminal.answer(/It hears from “Orchard” \(-1001500002002\)\. Is that the group\? \[Y\/n\] $/, '');
    await terminal.answer(/Answer every message there\?.* \[y\/N\] $/, 'y');
    await terminal.until(/it sees only commands, mentions and replies to it \(privacy mode\)\n {2}→ make it an admin/);
    server.world.setMember(GROUP, BOT, { role: 'admin' });
    await terminal.answer(/Look again\? \[Y\/n\] $/, '');
    await terminal.answer(/have a database in Notion\? \[y\/N\] $/, 'y');
    await terminal.answer(/Key of an integration.*: $/, NOTION_KEY);
    await terminal.answer(/1 {2}Trees, Apples \([\s\S]*2 {2}Attic \([\s\S]*Number \[1\]: $/, '2');
    await terminal.until(/Orchard reads “Old things”/);
    await terminal.answer(/through Claude Code\? \[y\/N\] $/, 'n');
    await terminal.answer(/US dollars may it spend in a day\?.*: $/, '2.50');
    await terminal.until(PINGED);
    await terminal.until(/Kept is set up\. Next: .* start/);
    assert.equal(await terminal.ended, 0);
    showsNoSecret(terminal.shown());

    assert.deepEqual(await site.variables(), {
      ANTHROPIC_API_KEY: KEY,
      TELEGRAM_API_ID: API_ID,
      TELEGRAM_API_HASH: API_HASH,
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_OPERATOR_CHAT: String(ADA),
      NOTION_API_KEY: NOTION_KEY,
    });
    const written = await site.workspaces();
    assert.deepEqual(written.people, { [ADA]: { name: 'Ada', role: 'owner' } });
    assert.deepEqual(written.dm_whitelist.allowed_user_ids, { [ADA]: { description: 'Ada' } });
    const { telegram_chat_ids, is_dev_group, database_id, working_directory } = written.workspaces.Orchard;
    assert.deepEqual(
      { telegram_chat_ids, is_dev_group, database_id, working_directory },
      { telegram_chat_ids: [String(GROUP)], is_dev_group: true, database_id: attic.id, working_directory: site.project },
    );
    assert.deepEqual(written.budget, { daily_usd: 2.5 });
    assert.deepEqual([await site.modeOf('.env'), await site.modeOf('config/workspace_config.json')], ['600', '600']);
    assert.equal(site.asked(), 1);
    // Its own session is signed out, and what it said to the owner is all that it said beside the ping.
    assert.ok(server.calls.items.some(({ method, outcome }) => method === 'auth.logOut' && outcome === 'ok'));
    assert.ok(server.sent.items.some(({ chat, text }) => chat === ADA && text.startsWith('That is you.')));
    const check = await runKept(site, ['config', 'check', '--json']);
    assert.deepEqual(JSON.parse(check.stdout).problems, [], check.stdout);
  });

  it('is killed in the middle, goes on from what stands, and asks nothing of that again', async () => {
    site = await makeInitSite();
    const first = open();
    await first.answer(/Number \[1\]: $/, '1');
    await first.answer(/Key of Anthropic .*: $/, KEY);
    await giveBot(first);
    first.kill('SIGKILL');
    await first.ended;
    assert.ok(
      (await readdir(site.root)).every((name) => !/^\.env\../.test(name)),
      'nothing half-written is left',
    );
    const second = open();
    await second.until(/model {6}kept \(anthropic\)/);
    await second.until(/telegram {3}kept \(a bot\)/);
    await introduce(second, site);
    await second.answer(/a project with a group of its own\? \[Y\/n\] $/, 'n');
    await second.answer(/through Claude Code\? \[y\/N\] $/, '');
    await second.answer(/US dollars .*: $/, '');
    await second.until(PINGED);
    assert.equal(await second.ended, 0);
    const third = open();
    await third.until(/owner {6}kept \(1001\)/);
    await third.answer(/a project with a group of its own\? \[Y\/n\] $/, 'n');
    await third.answer(/through Claude Code\? \[y\/N\] $/, '');
    await third.answer(/US dollars .*: $/, '');
    assert.equal(await third.ended, 0, third.shown());
    assert.doesNotMatch(third.shown(), /written:/);
  });

  it('stops at Ctrl-C while a secret is typed, leaves the terminal as it was, and says what stands', async () => {
    site = await makeInitSite();
    const terminal = open([], 'stty -a');
    await terminal.answer(/Number \[1\]: $/, '1');
    await terminal.until(/Key of Anthropic .*: $/);
    terminal.type(`${KEY}${CTRL_C}`);
    await terminal.until(/What was written stands: .* init` goes on from there\.\n(.*\n)*kept: it was stopped by Ctrl-C/);
    await terminal.until(/\bicanon\b[\s\S]* echo /);
    assert.equal(await terminal.ended, 130);
    showsNoSecret(terminal.shown());
    assert.equal(await site.read('.env'), undefined);
  });

  it('stops at Ctrl-C also while it starts what it pings', async () => {
    site = await makeInitSite();
    // A database that takes connections, and never says anything.
    const database = createServer();
    const asked = once(database, 'connection') as Promise<[Socket]>;
    await once(database.listen(0, '127.0.0.1'), 'listening');
    const { port } = database.address() as AddressInfo;
    const terminal = openTerminal(
      site,
      ['init', '--provider', 'rehearsal', '--telegram', 'none', '--budget', 'none', '--coding-agent', 'none'],
      { env: { DATABASE_URL: `postgres://127.0.0.1:${port}/kept` } },
    );
    const [connection] = await asked;
    terminal.type(CTRL_C);
    await terminal.until(/What was written stands: .* init` goes on from there\.\n(.*\n)*kept: it was stopped by Ctrl-C/);
    assert.equal(await terminal.ended, 130);
    connection.destroy();
    database.close();
  });

  it('asks before it replaces a value by that of a flag, and leaves a copy of what it changes', async () => {
    site = await makeInitSite();
    const before = `# mine\nANTHROPIC_API_KEY=${WRONG_KEY} # of May\nLOG_LEVEL=WARNING\n`;
    await writeFile(join(site.root, '.env'), before);
    const words = ['--telegram', 'none', '--model-key', KEY, '--provider', 'anthropic', '--budget', 'none', '--coding-agent', 'none'];
    const no = open(words);
    await no.answer(/ANTHROPIC_API_KEY is set already\. Replace it\? \[y\/N\] $/, '');
    await no.until(/model {6}kept/);
    assert.equal(await no.ended, 0);
    assert.equal(await site.read('.env'), before);
    const yes = open(words);
    await yes.answer(/Replace it\? \[y\/N\] $/, 'y');
    assert.equal(await yes.ended, 0);
    assert.equal(await site.read('.env'), `# mine\nANTHROPIC_API_KEY=${KEY}\nLOG_LEVEL=WARNING\n`);
    const [copy = ''] = (await readdir(site.root)).filter((name) => name.endsWith('.bak'));
    assert.match(copy, /^\.env\.\d{4}-.*\.bak$/);
    assert.equal(await site.read(copy), before);
    assert.equal(await site.modeOf(copy), '600');
  });

  it("signs a person's account in by the QR code that it shows, and pings its Saved Messages", async () => {
    site = await makeInitSite();
    const terminal = open(['--provider', 'rehearsal']);
    await terminal.answer(/How is it on Telegram\?[\s\S]*Number \[1\]: $/, '2');
    await terminal.answer(/api_id: $/, API_ID);
    await terminal.answer(/api_hash .*: $/, API_HASH);
    site.server.world.scan(ADA, await terminal.find('a QR code', readQrCode));
    await terminal.until(/@ada is signed in/);
    await terminal.answer(/Your own number at Telegram .*: $/, '1002');
    await terminal.answer(/a project with a group of its own\? \[Y\/n\] $/, 'n');
    await terminal.until(PINGED);
    assert.equal(await terminal.ended, 0);
    assert.deepEqual((await site.workspaces()).people, { 1002: { name: 'Owner', role: 'owner' } });
  });
});
