import { strict as assert } from 'node:assert';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type ChatMessage, chatApi, until } from '../support/chat-api.ts';
import { makeSite, type Site, startKept } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';

/** For how long messages come, and how many a second. */
const SECONDS = Number(process.env.KEPT_TEST_RELOAD_SECONDS ?? 8);
const PER_SECOND = Number(process.env.KEPT_TEST_RELOAD_RATE ?? 20);
const CHATS = 8;

describe('A configuration that changes under load', function () {
  this.timeout(SECONDS * 1_000 + 90_000);

  it('is taken over between turns: each message is answered once, each promise kept once, and a bad file changes nothing', async () => {
    const site = await makeSite({ KEPT_MODELS: 'rehearsal', KEPT_REHEARSAL_PACE_MS: '20', KEPT_PERSON_MESSAGES_PER_MINUTE: '10000' });
    const kept = await startKept(site, 'start');
    const api = chatApi(() => kept.url);
    try {
      const changing = change(site, SECONDS * 1_000);
      const sent: string[] = [];
      for (let i = 0; i < SECONDS * PER_SECOND; i++) {
        const text = i % 20 === 0 ? `in the background, count the TODO comments in this project (run ${i})` : `the word pebble-${i}`;
        const { chatId, messageId } = await api.post(text, 1 + (i % CHATS));
        sent.push(`${chatId}/${messageId}`);
        await wait(1_000 / PER_SECOND);
      }
      const applied = await changing;
      const answers = await until('an answer to each message', async () => {
        const all = (await Promise.all(Array.from({ length: CHATS }, (_, i) => api.messages(1 + i)))).flat();
        const answered = answersIn(all);
        return sent.every((message) => answered.has(message)) && answered;
      });
      assert.deepEqual(
        sent.filter((message) => answers.get(message) !== 1),
        [],
        'a message was answered twice',
      );
      const promises = await until('each promise kept', async () => {
        const made = await api.promises();
        return made.length > 0 && made.every(({ deliveredAt }) => deliveredAt !== undefined) && made;
      });
      assert.equal(promises.length, Math.ceil((SECONDS * PER_SECOND) / 20));
      assert.deepEqual([...new Set(promises.map(({ status, attempts }) => `${status} ${attempts}`))], ['completed 1']);

      const lines = readFileSync(join(site.dataDir, 'logs', 'kept.log'), 'utf8').split('\n');
      const told = (words: string): number => lines.filter((line) => line.includes(words)).length;
      assert.ok(told('counts from now on') >= Math.min(applied, 2), 'changes were taken over');
      assert.ok(told('has errors and is not used') >= 1, 'the bad file was told');
      assert.equal(told('"level":"error"'), told('has errors and is not used'), 'nothing else went wrong');

      write(site, 'workspace_config.json', '{');
      await until('the refusal in the status', async () =>
        (await runKept(site, ['status'])).stdout.includes('goes on by the configuration of before'),
      );
      const degraded = await runKept(site, ['health']);
      assert.equal(degraded.code, 1, degraded.stdout);
      assert.match(degraded.stdout, /^Kept is degraded\.$/m);
      assert.match(degraded.stdout, /config\.reload +warn +PID \d+ goes on by .*workspace_config\.json.*\n +→ correct it there/);
      write(site, 'workspace_config.json', JSON.stringify({ dm_whitelist: { default_working_directory: join(site.root, 'elsewhere') } }));
      mkdirSync(join(site.root, 'elsewhere'));
      writeFileSync(join(site.root, 'elsewhere', 'only-here.txt'), 'x');
      await until('the new directory', async () => {
        const { messageId } = await api.post('list files', 1);
        const answer = await until('its answer', async () => (await api.messages(1)).find(({ answers: of }) => of?.includes(messageId)));
        return answer.text.includes('only-here.txt');
      });
      const { stdout } = await runKept(site, ['audit', '--verify']);
      assert.match(stdout, /none changed, removed or put in/);
    } finally {
      await kept.stop();
      await site.remove();
    }
  });
});

const answersIn = (messages: readonly ChatMessage[]): ReadonlyMap<string, number> => {
  const answered = new Map<string, number>();
  for (const { chatId, answers = [] } of messages)
    for (const id of answers) answered.set(`${chatId}/${id}`, (answered.get(`${chatId}/${id}`) ?? 0) + 1);
  return answered;
};

const write = (site: Site, name: string, text: string): void => {
  writeFileSync(join(site.root, `${name}.draft`), text, { mode: 0o600 });
  renameSync(join(site.root, `${name}.draft`), join(site.root, name));
};

/** Changes one file after the other for so long, some with an error; resolves to how many of them were good. */
const change = async (site: Site, forMs: number): Promise<number> => {
  mkdirSync(join(site.root, 'config', 'agents'), { recursive: true });
  const workspaces = readFileSync(join(site.root, 'workspace_config.json'), 'utf8');
  const parsed = JSON.parse(workspaces) as Record<string, unknown>;
  const until = performance.now() + forMs;
  let good = 0;
  for (let i = 0; performance.now() < until; i++) {
    const isBad = i % 3 === 1;
    if (!isBad) good++;
    write(
      site,
      'workspace_config.json',
      isBad ? workspaces.slice(0, 20) : JSON.stringify({ ...parsed, budget: { monthly_usd: 1_000 + i } }),
    );
    write(site, 'config/agents/triage.md', `---\nname: triage\ndescription: Sorts ${i}\ntools: [recall]\n---\nSort it.\n`);
    write(site, 'prices.json', JSON.stringify({ 'openai/gpt-9': { input: 1 + i, output: 2, asOf: '2026-11-01' } }));
    await wait(2_300);
  }
  write(site, 'workspace_config.json', workspaces);
  return good;
};
