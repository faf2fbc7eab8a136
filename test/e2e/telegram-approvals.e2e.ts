import { strict as assert } from 'node:assert';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buttonsOf } from '../fakes/telegram/index.ts';
import { startKept } from '../support/kept-process.ts';
import { OWN } from '../support/mcp-servers.ts';
import { runKept } from '../support/run-kept.ts';
import { ADA, GRACE, makeTelegramSite, TEAM_GROUP, type TelegramSite } from '../support/telegram-site.ts';

describe('Approvals in a Telegram group', function () {
  this.timeout(60_000);
  let site: TelegramSite;
  beforeEach(async () => {
    site = await makeTelegramSite({ KEPT_MODELS: 'rehearsal' });
    writeFileSync(
      join(site.root, '.mcp.json'),
      JSON.stringify({ mcpServers: { own: { command: process.execPath, args: [OWN, 'steady', join(site.root, 'notes')] } } }),
      { mode: 0o600 },
    );
    const path = site.env.KEPT_CONFIG as string;
    const config = JSON.parse(readFileSync(path, 'utf8'));
    config.workspaces.Orchard.roles = { [`telegram:${ADA}`]: 'owner' };
    writeFileSync(path, JSON.stringify(config));
  });
  afterEach(() => site.remove());

  const calls = (): number => {
    const notes = join(site.root, 'notes');
    return existsSync(notes)
      ? readFileSync(notes, 'utf8')
          .split('\n')
          .filter((line) => line === 'call echo').length
      : 0;
  };

  it('run the call that an owner taps, once, and nothing that others tap', async () => {
    const { server } = site;
    const kept = await startKept(site, 'start');
    try {
      server.world.sendMessage({ from: GRACE, chat: TEAM_GROUP, text: '@kept_bot use mcp__own__echo {"n": 7}' });
      const { message: card } = await server.sent.until(({ message }) => buttonsOf(message).length === 2);
      const [approve, deny] = buttonsOf(card);
      assert.deepEqual([approve?.label, deny?.label], ['Approve', 'Deny']);
      assert.match(card.text, /^Approval #1 is needed\. Nothing of this has run\./);
      assert.match(card.text, /Tool: mcp__own__echo\n.*\{\n {2}"n": 7\n\}/s);
      const tap = async (from: number, data = '') => {
        const query = server.world.tap({ from, message: card, data });
        return (await server.answered.until(({ queryId }) => queryId === query)).text ?? '';
      };
      assert.match(await tap(GRACE, approve?.data), /You may not decide on approval #1/);
      assert.match(await tap(ADA, `${approve?.data}x`), /This button belongs to nothing that can be decided/);
      assert.equal(calls(), 0);
      const listed = JSON.parse((await runKept(site, ['approvals', 'list', '--json'])).stdout);
      assert.deepEqual(
        listed.approvals.map(({ askedAt: _, ...rest }: { askedAt: string }) => rest),
        [{ id: 1, status: 'asked', tool: 'mcp__own__echo', chatId: `telegram:${TEAM_GROUP}` }],
      );
      assert.equal(await tap(ADA, approve?.data), 'Approved. It runs next.');
      assert.match(await tap(ADA, deny?.data), /^Approval #1: approved by /);
      await server.edits.until(({ text }) => /^Approval #1: approved by .*, and done\./.test(text));
      assert.deepEqual(buttonsOf(card), []);
      assert.equal(calls(), 1);
    } finally {
      await kept.stop();
    }
    server.assertClean();
  });
});
