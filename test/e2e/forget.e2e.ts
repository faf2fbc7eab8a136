import { strict as assert } from 'node:assert';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { makeWorkScopes } from '../../src/application/index.ts';
import { telegramMessage } from '../../src/testing/index.ts';
import { canariesIn, canariesOf, GROUP, PEOPLE, personOf, plant } from '../support/canaries.ts';
import { makeSite, type Site, startKept } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';
import { openStorage } from '../support/sqlite-storage.ts';

const PERSON = 3;
const OTHERS = Array.from({ length: PEOPLE }, (_, person) => person).filter((person) => person !== PERSON);

/** Every byte of the database and of the logs, those that were put aside too. */
const everything = (site: Site): Buffer => {
  const logs = join(site.dataDir, 'logs');
  const paths = ['', '-wal'].map((end) => `${site.database}${end}`).concat(readdirSync(logs).map((name) => join(logs, name)));
  return Buffer.concat(paths.map((path) => readFileSync(path)));
};

const logLine = (fields: object): string => `${JSON.stringify({ level: 'debug', time: '2026-11-30T10:00:00.000Z', pid: 1, ...fields })}\n`;

describe('forgetting a person while a bot runs', function () {
  this.timeout(60_000);

  const planted = async (site: Site): Promise<void> => {
    mkdirSync(site.dataDir, { mode: 0o700 });
    const storage = await openStorage(site.database);
    for (let person = 0; person < PEOPLE; person++) await plant(storage, person);
    const { traceOfMessage } = makeWorkScopes(storage.id);
    await storage.close();
    const logs = join(site.dataDir, 'logs');
    mkdirSync(logs, { recursive: true });
    for (let person = 0; person < PEOPLE; person++) {
      const about = [
        { trace: traceOfMessage({ chatId: GROUP, messageId: telegramMessage(person * 1_000) }) },
        { asked: { role: 'person', name: `person${person}` } },
        { senderId: personOf(person) },
      ];
      for (const [at, word] of canariesOf(person).entries())
        appendFileSync(join(logs, at % 2 === 0 ? 'kept.log' : 'kept.log.1'), logLine({ ...about[at % 3], text: `it is ${word}` }));
      // The second one is what the person said in the group.
      appendFileSync(join(logs, 'kept.log'), logLine({ request: `{"text":"somebody\\nsaid ${canariesOf(person)[1]}"}` }));
    }
  };

  it('leaves none of 100 canaries of one among ten in pages, WAL, logs and exports, and all of the others', async () => {
    const site = await makeSite({ KEPT_MODELS: 'rehearsal' });
    const person = personOf(PERSON);
    await planted(site);
    const inbox = join(site.project, 'inbox/1');
    mkdirSync(inbox, { recursive: true });
    const anothers = join(inbox, 'another.pdf');
    mkdirSync(join(site.dataDir, 'backups'), { mode: 0o700 });
    writeFileSync(join(site.dataDir, 'backups/monday.db'), 'a backup');
    const bot = await startKept(site, 'start');
    try {
      const exported = await runKept(site, ['export', person]);
      assert.equal(exported.code, 0, exported.stderr);
      for (const line of exported.stdout.trimEnd().split('\n')) assert.equal(typeof JSON.parse(line).kind, 'string');
      assert.ok(canariesIn(exported.stdout, PERSON).length > 80, 'the export has their words');
      const files = exported.stdout.split('\n').filter((line) => line.includes('"files"'));
      assert.equal(files.length, 1);
      const { path } = JSON.parse(files[0] ?? '').files[0];
      writeFileSync(join(site.project, path), 'a file of theirs');
      writeFileSync(anothers, 'a file of another');

      const asked = await runKept(site, ['forget', person]);
      assert.equal(asked.code, 2, asked.stdout);
      assert.match(asked.stdout, /would be erased[\s\S]+messages[\s\S]+backups\/monday\.db/);
      assert.match(asked.stderr, /--yes/);
      assert.equal(canariesIn(everything(site), PERSON).length, 100, 'nothing was changed');

      const done = await runKept(site, ['forget', person, '--yes', '--json']);
      assert.equal(done.code, 0, done.stderr);
      const report = JSON.parse(done.stdout);
      assert.deepEqual([report.running, report.stays, report.backups], [[], [], [join(site.dataDir, 'backups/monday.db')]]);
      assert.deepEqual(canariesIn(everything(site), PERSON), []);
      assert.ok(!existsSync(join(site.project, path)), 'their file is gone');
      assert.ok(existsSync(anothers), 'the file of another is there');
      const after = everything(site);
      for (const other of OTHERS) assert.equal(canariesIn(after, other).length, 100, `of ${other}`);

      const why = await runKept(site, ['explain', telegramMessage(PERSON * 1_000), '--chat', GROUP]);
      assert.equal(why.code, 0, why.stderr);
      assert.match(why.stdout, /^Deleted from the chat, or forgotten here, as of .+: what it said is gone\.$/m);

      const out = join(site.root, 'group.jsonl');
      assert.equal((await runKept(site, ['export', GROUP, '--out', out])).code, 0);
      assert.equal(statSync(out).mode & 0o777, 0o600);
      assert.deepEqual(canariesIn(readFileSync(out), PERSON), []);
      const verified = await runKept(site, ['audit', '--verify']);
      assert.equal(verified.code, 0, verified.stdout + verified.stderr);
      assert.equal((await fetch(`${bot.url}/health`)).ok, true, 'the bot goes on');
    } finally {
      await bot.stop();
      await site.remove();
    }
  });
});
