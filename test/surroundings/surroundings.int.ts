import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const MOCHA = fileURLToPath(new URL('bin/mocha.js', import.meta.resolve('mocha')));
const support = (file: string): string => fileURLToPath(new URL(`../support/${file}`, import.meta.url));

describe('A run of the tests', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'surroundings-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const runWith = (file: string, env: NodeJS.ProcessEnv) => {
    const path = join(root, 'some.test.mts');
    writeFileSync(path, file);
    const args = [MOCHA, '--no-config', '--require', support('surroundings.ts'), path];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 15_000 });
    return { status, stdout };
  };
  const PASSES = "it('passes', () => undefined);";

  it('sees none of the developer’s own settings, and has a temporary directory for itself, which it leaves empty', () => {
    const env = {
      TMPDIR: root,
      DATABASE_URL: 'x',
      KEPT_DATA_DIR: 'x',
      PORT: 'x',
      PGHOST: 'x',
      GIT_DIR: 'x',
      NODE_ENV: 'x',
      DEBUG: 'x',
      https_proxy: 'x',
      NO_COLOR: '1',
      KEPT_TEST_SEED: '7',
    };
    const seen =
      "it(JSON.stringify([Object.keys(process.env).filter((name) => process.env[name] === 'x'), process.env.KEPT_TEST_SEED, process.env.TMPDIR]), () => undefined);";
    const { status, stdout } = runWith(seen, env);
    expect(status).to.equal(0);
    const [, names, seed, directory] = stdout.match(/\[(\[.*\]),"(.*)","(.*)"\]/) ?? [];
    expect([names, seed]).to.deep.equal(['[]', '7']);
    expect(directory)
      .to.match(/kept-test-\w+$/)
      .and.satisfy((path: string) => path.startsWith(root));
    expect(readdirSync(root)).to.deep.equal(['some.test.mts']);
  });

  it('where the temporary directory can’t be used runs no test, and says in one sentence which variable to set', () => {
    const { status, stdout } = runWith(PASSES, { TMPDIR: join(root, 'nowhere') });
    expect(status).to.equal(1);
    expect(stdout).to.include(`The temporary directory ${root}/nowhere can't be used (ENOENT). Set TMPDIR to a directory`);
    expect(stdout).to.include('0 passing');
  });

  // Elsewhere nobody can tell whose a process is.
  if (process.platform === 'linux')
    it('ends though a test that failed has left a process running, and ends that, too', () => {
      const left = `setInterval(() => undefined, 1_000); process.send("runs")`;
      const file = `import { fork } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      import { join } from 'node:path';
      it('fails', (done) => {
        const script = join(process.env.TMPDIR, 'left.cjs');
        writeFileSync(script, ${JSON.stringify(left)});
        fork(script).once('message', () => done(new Error('on purpose')));
      });`;
      const { status, stdout } = runWith(file, { TMPDIR: root });
      expect(stdout).to.include('1 failing');
      expect(status).to.equal(1);
      expect(readdirSync(root)).to.deep.equal(['some.test.mts']);
    });

  it('asks for no more than the chosen files need', () => {
    const nothing = { KEPT_TEST_CHROMIUM: join(root, 'no-browser') };
    expect(runWith(PASSES, nothing).status).to.equal(0);
    const { status, stdout } = runWith(`import ${JSON.stringify(support('browser.ts'))};\n${PASSES}`, nothing);
    expect(status).to.equal(1);
    expect(stdout).to.include(`KEPT_TEST_CHROMIUM is ${root}/no-browser, which can't be run (ENOENT): name Chrome or Chromium there.`);
    expect(stdout).to.include('0 passing');
  });
});
