import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADA, API_HASH, API_ID, BOT, GROUP, type InitSite, makeInitSite, PINGED, TOKEN } from '../support/init-site.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { openTerminal } from '../support/terminal.ts';

const PAGE = readFileSync(new URL('../../docs/tutorial/a-promise-in-a-group.md', import.meta.url), 'utf8');

/** What the page says that people see, line by line; … stands for anything. */
const SHOWN = [...PAGE.matchAll(/^```text\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.split('\n').filter((line) => line !== ''));

/** What the page tells people to say. */
const [, TASK = ''] = /^@your_bot (.+)$/m.exec(PAGE) ?? [];

const asPattern = (line: string): RegExp =>
  new RegExp(
    line
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[\\s\\S]*?'),
  );

describe('The tutorial', function () {
  this.timeout(180_000);
  let site: InitSite;
  let kept: KeptProcess | undefined;
  let terminal = '';
  before(async () => {
    site = await makeInitSite();
  });
  after(async () => {
    await kept?.stop();
    await site?.remove();
  });

  it('sets Kept up as the page says', async () => {
    const { world } = site.server;
    const { answer, until, ended, shown } = openTerminal(site, ['init']);
    await answer(/Which model answers\?[\s\S]*Number \[1\]: $/, '4');
    await answer(/How is it on Telegram\?[\s\S]*Number \[1\]: $/, '1');
    await answer(/api_id: $/, API_ID);
    await answer(/api_hash \(nothing is shown\): $/, API_HASH);
    await answer(/Token of the bot \(nothing is shown\): $/, TOKEN);
    const [, code = ''] = await until(/\/start ([\da-f]{10})\n/);
    await until(/Waiting for it/);
    world.sendMessage({ from: ADA, chat: BOT, text: `/start ${code}` });
    await answer(/has written it.*\[Y\/n\] $/, '');
    await answer(/a project with a group of its own\? \[Y\/n\] $/, 'y');
    await answer(/Name of the project .*: $/, 'Orchard');
    await answer(/Its directory .*: $/, 'orchard');
    await until(/Waiting to hear from it/);
    world.setMember(GROUP, BOT, { role: 'member' });
    world.sendMessage({ from: ADA, chat: GROUP, text: '', action: { _: 'messageActionChatAddUser', users: [BigInt(BOT)] } });
    await answer(/Is that the group\? \[Y\/n\] $/, '');
    await answer(/Answer every message there\?.* \[y\/N\] $/, '');
    await answer(/have a database in Notion\? \[y\/N\] $/, 'n');
    await until(PINGED);
    assert.equal(await ended, 0);
    terminal = shown();
  });

  it('keeps the promise in the group, through a kill', async () => {
    const { world, sent } = site.server;
    const started = { ...site, dataDir: join(site.root, 'data'), database: join(site.root, 'data/system.db') };
    kept = await startKept(started, 'start');
    const asked = world.messageId(world.sendMessage({ from: ADA, chat: GROUP, text: `@kept_bot ${TASK}` }), BOT);
    const promised = await sent.until(({ chat, replyTo, text }) => chat === GROUP && replyTo === asked && text.includes('#1'), 30_000);
    await kept.kill();
    kept = await startKept(started, 'start');
    const isResult = ({ chat, replyTo, id }: (typeof sent.items)[number]): boolean =>
      chat === GROUP && replyTo === asked && id !== promised.id;
    const result = await sent.until(isResult, 90_000);
    assert.match(result.text, /#1/);
    assert.equal(sent.items.filter(isResult).length, 1);
    const seen = [terminal, `@your_bot ${TASK}`, promised.text].join('\n');
    assert.deepEqual(
      SHOWN.filter((line) => !asPattern(line).test(seen)),
      [],
      promised.text,
    );
  });
});
