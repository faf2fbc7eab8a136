import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';

/** Lets a signal crash the process. */
const CRASHES = "process.on('SIGUSR2', () => { throw new Error('broken'); });\n";
/** Five lines of a file are warned of. */
const FILES = 10;
const WARNINGS = 5 * FILES;

describe('A process that ends within half a minute of a flood', function () {
  this.timeout(60_000);
  let site: Site;
  before(async () => {
    const { root, env, ...rest } = await makeSite({ KEPT_MODELS: 'rehearsal' });
    const preload = join(root, 'crashes.mjs');
    site = { ...rest, root, env: { ...env, NODE_OPTIONS: `--import=${preload}` } };
    await writeFile(preload, CRASHES);
    await mkdir(join(root, 'config', 'agents'), { recursive: true });
    const key = `sk-ant-api03-${'x1Y2z3'.repeat(8)}`;
    for (let n = 0; n < FILES; n++)
      await writeFile(join(root, 'config', 'agents', `baker${n}.md`), `---\ndescription: Bakes\n---\n${`The key is ${key}\n`.repeat(5)}`);
  });
  after(() => site.remove());

  const linesOf = async ({ child }: KeptProcess): Promise<readonly Record<string, unknown>[]> =>
    (await readFile(join(site.dataDir, 'logs', 'kept.log'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ pid }) => pid === child.pid);

  for (const [ending, signal] of [
    ['asked to', 'SIGTERM'],
    ['by a crash', 'SIGUSR2'],
  ] as const)
    it(`says how many lines it left out: ${ending}`, async () => {
      const worker = await startKept(site, 'worker');
      worker.child.kill(signal);
      await worker.stop();
      const lines = await linesOf(worker);
      const warning = 'holds what looks like a key or a password, and models are shown it';
      expect(lines.filter(({ msg }) => msg === warning)).to.have.length(20);
      expect(lines.filter(({ msg }) => msg === `more of the same: ${warning}`).map(({ more }) => more)).to.deep.equal([WARNINGS - 20]);
      expect(lines.some(({ msg }) => String(msg).includes('crashed'))).to.equal(signal === 'SIGUSR2');
    });
});
