import { strict as assert } from 'node:assert';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSeededRandomness } from '../../src/testing/seeded-randomness.ts';
import { CANARIES, canariesIn, canariesOf, PEOPLE, personOf, plant } from '../support/canaries.ts';
import { makeSite, type Site } from '../support/kept-process.ts';
import { type Ended, runKept } from '../support/run-kept.ts';
import { openStorage } from '../support/sqlite-storage.ts';

// Set by the environment: KEPT_TEST_KILLS, for at how many points each command is killed, and KEPT_TEST_SEED, which
// chooses them; `npm run soak:kills` kills each at every point.
const KILLS = Number(process.env.KEPT_TEST_KILLS ?? 4);
const SEED = Number(process.env.KEPT_TEST_SEED ?? 1);
const KILL_AT_STEP = new URL('../support/kill-at-step.ts', import.meta.url).href;
const PERSON = 3;
const person = personOf(PERSON);
const OTHERS = Array.from({ length: PEOPLE }, (_, at) => at).filter((at) => at !== PERSON);

/** Runs a command that is killed in the place of that step of its work in `directory`. */
const killed = (site: Site, directory: string, words: readonly string[], at: number): Promise<Ended> =>
  runKept(site, words, { env: { NODE_OPTIONS: `--import=${KILL_AT_STEP}`, KILL_IN: directory, KILL_AT: String(at) } });

/** The steps of a command that is not killed. */
const stepsOf = async (site: Site, directory: string, words: readonly string[]): Promise<number> => {
  const record = join(site.root, 'steps');
  const env = { NODE_OPTIONS: `--import=${KILL_AT_STEP}`, KILL_IN: directory, KILL_STEPS: record };
  const { code, stderr } = await runKept(site, words, { env });
  assert.equal(code, 0, stderr);
  return Number(readFileSync(record, 'utf8'));
};

/** Some of the steps from 1 to `last`, or all, in their order. */
const someOf = (last: number): readonly number[] => {
  const randomness = makeSeededRandomness(SEED);
  const all = Array.from({ length: last }, (_, at) => ({ step: at + 1, order: randomness.fraction() }));
  return all
    .toSorted((a, b) => a.order - b.order)
    .slice(0, KILLS)
    .map(({ step }) => step)
    .toSorted((a, b) => a - b);
};

/** Every byte of every file below a directory, hidden ones and drafts too. */
const bytesIn = (directory: string): Buffer =>
  Buffer.concat(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name))),
  );

/** What the audit log holds; a bot that runs would seal it first. */
const auditFacts = async (site: Site): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const { sql, close } = await openStorage(site.database);
  const rows = await sql.read<{ facts: string }>('SELECT facts FROM audit_log ORDER BY id');
  await close();
  return rows.map(({ facts }) => JSON.parse(facts));
};

describe(`a command that is killed (KEPT_TEST_SEED=${SEED})`, function () {
  this.timeout(120_000 + KILLS * 60_000);
  let filled: Site;
  const sites: Site[] = [];

  before(async () => {
    filled = await makeSite();
    sites.push(filled);
    mkdirSync(filled.dataDir, { mode: 0o700 });
    const storage = await openStorage(filled.database);
    for (let each = 0; each < PEOPLE; each++) await plant(storage, each);
    await storage.close();
    const logs = join(filled.dataDir, 'logs');
    mkdirSync(logs);
    for (const each of [PERSON, ...OTHERS])
      for (const [at, text] of canariesOf(each).entries()) {
        const line = JSON.stringify({ level: 'debug', time: '2026-11-30T10:00:00.000Z', senderId: personOf(each), text });
        appendFileSync(join(logs, at % 2 === 0 ? 'kept.log' : 'kept.log.1'), `${line}\n`);
      }
  });
  after(() => Promise.all(sites.map((site) => site.remove())));

  /** The same data, in a place of its own. */
  const anotherSite = async (): Promise<Site> => {
    const site = await makeSite({ KEPT_MODELS: 'rehearsal' });
    sites.push(site);
    await cp(filled.dataDir, site.dataDir, { recursive: true });
    return site;
  };

  it('forgets a person when it is run again, tells of nothing that is half done, and keeps all of the others', async () => {
    const words = ['forget', person, '--yes'];
    const whole = await anotherSite();
    const points = someOf(await stepsOf(whole, whole.dataDir, words));
    for (const at of points) {
      const site = await anotherSite();
      const { code, stdout } = await killed(site, site.dataDir, words, at);
      assert.equal(code, null, `killed at step ${at}`);
      const left = canariesIn(bytesIn(site.dataDir), PERSON).length;
      if (left > 0) assert.doesNotMatch(stdout, /Forgotten/, `${left} words are left after step ${at}`);
      const looked = await runKept(site, ['forget', person]);
      if (left > 0) assert.doesNotMatch(looked.stdout, /^Nothing is kept/m, `${left} words are left after step ${at}`);
      // A process that was killed keeps its claim of the log for ten seconds.
      const claim = join(site.dataDir, 'logs', 'kept.log.claim');
      if (existsSync(claim)) utimesSync(claim, 0, 0);

      const again = await runKept(site, [...words, '--json']);
      assert.equal(again.code, 0, `after step ${at}: ${again.stderr}`);
      assert.deepEqual(JSON.parse(again.stdout).stays, [], `after step ${at}`);
      const bytes = bytesIn(site.dataDir);
      assert.deepEqual(canariesIn(bytes, PERSON), [], `left after step ${at}`);
      for (const other of OTHERS) assert.equal(canariesIn(bytes, other).length, CANARIES, `of ${other} after step ${at}`);
      const facts = await auditFacts(site);
      assert.ok(
        facts.some(({ command, begun }) => command === 'forget' && begun === true),
        `after step ${at}`,
      );
      assert.ok(
        facts.some(({ command, rows }) => command === 'forget' && rows !== undefined),
        `after step ${at}`,
      );
      assert.match((await runKept(site, ['forget', person])).stdout, /^Nothing is kept/m, `after step ${at}`);
      await site.remove();
    }
    console.log(`      killed at steps ${points.join(', ')}`);
  });

  it('leaves of an export a whole file or none, and nothing beside it once it is run again', async () => {
    const site = await anotherSite();
    const place = join(site.root, 'out');
    mkdirSync(place);
    const reference = (await runKept(site, ['export', person])).stdout;
    const words = (name: string): string[] => ['export', person, '--out', join(place, name)];
    const points = someOf(await stepsOf(site, place, words('first.jsonl')));
    for (const at of points) {
      const name = `${at}.jsonl`;
      const { code } = await killed(site, place, words(name), at);
      assert.equal(code, null, `killed at step ${at}`);
      const isThere = existsSync(join(place, name));
      const again = await runKept(site, words(name));
      assert.equal(again.code, isThere ? 1 : 0, `after step ${at}: ${again.stderr}`);
      assert.equal(readFileSync(join(place, name), 'utf8'), reference, `after step ${at}`);
    }
    assert.deepEqual(readdirSync(place).toSorted(), ['first.jsonl', ...points.map((at) => `${at}.jsonl`)].toSorted());
    console.log(`      killed at steps ${points.join(', ')}`);
  });

  it('restores a whole database or none, and nothing beside it once it is run again', async () => {
    const site = await anotherSite();
    const made = await runKept(site, ['backup', 'create', '--json']);
    const { path } = JSON.parse(made.stdout) as { path: string };
    const words = (dataDir: string): string[] => ['backup', 'restore', path, '--data-dir', dataDir];
    const first = join(site.root, 'first');
    mkdirSync(first);
    const points = someOf(await stepsOf(site, first, words(first)));
    for (const at of points) {
      const dataDir = join(site.root, `restored-${at}`);
      mkdirSync(dataDir);
      const { code } = await killed(site, dataDir, words(dataDir), at);
      assert.equal(code, null, `killed at step ${at}`);
      const isThere = existsSync(join(dataDir, 'system.db'));
      const again = await runKept(site, words(dataDir));
      assert.equal(again.code, isThere ? 1 : 0, `after step ${at}: ${again.stderr}`);
      const database = readFileSync(join(dataDir, 'system.db'));
      for (const each of [PERSON, ...OTHERS]) assert.equal(canariesIn(database, each).length, CANARIES, `of ${each} after step ${at}`);
      const hidden = readdirSync(dataDir).filter((name) => name.startsWith('.'));
      assert.deepEqual(hidden, [], `after step ${at}`);
    }
    console.log(`      killed at steps ${points.join(', ')}`);
  });
});
