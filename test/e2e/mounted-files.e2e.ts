import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openChatPeer } from '../fakes/openai/peer.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { makeSite, startKept } from '../support/kept-process.ts';
import { mountFiles } from '../support/mounted-files.ts';
import { runKept } from '../support/run-kept.ts';

const SAID = [{ choices: [{ index: 0, delta: { content: 'Hello.' }, finish_reason: 'stop' }] }];

describe('Files that are mounted as Kubernetes mounts them', function () {
  this.timeout(60_000);

  it('are taken over when they are swapped: workspaces, and the key with which a model is asked', async () => {
    const peer = await openChatPeer(() => SAID);
    const site = await makeSite({ OPENAI_BASE_URL: peer.url, OPENAI_MODEL: 'small' });
    const [first, second] = [`made-up-${randomBytes(12).toString('hex')}`, `made-up-${randomBytes(12).toString('hex')}`];
    const tokens = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')] as const;
    const access = JSON.parse(readFileSync(site.env.KEPT_CONFIG ?? '', 'utf8')) as Record<string, unknown>;
    const config = mountFiles(join(site.root, 'config-mount'), { 'workspace_config.json': JSON.stringify(access) });
    const secrets = mountFiles(join(site.root, 'secret-mount'), { openai: first, backup: tokens[0] });
    const env = {
      ...site.env,
      KEPT_CONFIG: config.path('workspace_config.json'),
      OPENAI_API_KEY_FILE: secrets.path('openai'),
      KEPT_BACKUP_PASSPHRASE_FILE: secrets.path('backup'),
    };
    const kept = await startKept({ ...site, env }, 'start');
    const api = chatApi(() => kept.url);
    const ask = async (text: string): Promise<void> => {
      const { messageId } = await api.post(text, 1);
      await until('an answer', async () => (await api.messages(1)).find(({ answers }) => answers?.includes(messageId)));
    };
    const log = (): string => readFileSync(join(site.dataDir, 'logs', 'kept.log'), 'utf8');
    try {
      await ask('hello');
      assert.deepEqual(new Set(peer.keys), new Set([first]));

      secrets.swap({ openai: second, backup: tokens[0] });
      await until('the key to be taken over', async () => /secret-mount\/openai.*counts from now on/.test(log()));
      await ask('hello again');
      assert.equal(peer.keys.at(-1), second);

      const workspace = { description: 'x', workspace_type: 'x', working_directory: site.project, telegram_chat_ids: [], aliases: [] };
      config.swap({ 'workspace_config.json': JSON.stringify({ ...access, workspaces: { Orchard: workspace } }) });
      await until('the workspaces to be taken over', async () => /config-mount\/workspace_config\.json.*counts from now on/.test(log()));

      secrets.swap({ openai: '', backup: tokens[1] });
      await until('the empty file to be refused', async () => /OPENAI_API_KEY_FILE: the file .*openai is empty/.test(log()));
      await ask('still there?');
      assert.equal(peer.keys.at(-1), second, 'an empty file takes no key away');

      secrets.swap({ openai: second, backup: tokens[1] });
      const { stdout } = await until('the status', async () => {
        const status = await runKept({ ...site, env }, ['status']);
        return !status.stdout.includes('OPENAI_API_KEY_FILE') && status;
      });
      assert.match(stdout, /secret-mount\/backup changed after PID \d+ started: restart it/, 'what counts from the next start is told');
      for (const secret of [first, second, ...tokens]) assert.equal(log().includes(secret), false);
      assert.equal(kept.errors(), '');
    } finally {
      await kept.stop();
      await site.remove();
      await peer.close();
    }
  });
});
