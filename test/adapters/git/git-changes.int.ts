import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { processGroups } from '../../../src/adapters/child-process/index.ts';
import { makeGitChanges } from '../../../src/adapters/git/index.ts';
import { until } from '../../support/chat-api.ts';
import { type CodingSite, makeCodingSite } from '../../support/coding-site.ts';
import { isAlive } from '../../support/mcp-servers.ts';
import { endWithUs } from '../../support/own-directory.ts';

const { signal } = new AbortController();
const RUNNER = fileURLToPath(new URL('../../support/git-runner.ts', import.meta.url));

describe('Changes of a workspace, by Git', () => {
  let site: CodingSite;
  beforeEach(async () => {
    site = await makeCodingSite();
  });
  afterEach(() => site.remove());
  const changes = (timeoutMs?: number) =>
    makeGitChanges({ scratch: join(site.root, 'scratch'), groups: processGroups, ...(timeoutMs === undefined ? {} : { timeoutMs }) });

  it('tells what has changed since, and not what was changed before', async () => {
    await writeFile(join(site.workspace, 'before.txt'), 'was here\n');
    await writeFile(join(site.workspace, '.gitignore'), 'built/\n');
    const status = site.git('status', '--porcelain');
    const since = await changes().remember(site.workspace, signal);
    await writeFile(join(site.workspace, 'readme.md'), 'hello\nagain\n');
    await mkdir(join(site.workspace, 'built'));
    await writeFile(join(site.workspace, 'built/out.js'), 'x');
    await writeFile(join(site.workspace, 'new.txt'), 'new\n');
    const told = await since?.since(signal);
    expect(told).to.match(/new\.txt +\| 1 \+\n readme\.md +\| 1 \+\n 2 files changed, 2 insertions\(\+\)/);
    await since?.end();
    expect(await readdir(join(site.root, 'scratch')), 'nothing is left of the state').to.deep.equal([]);
    expect(site.git('status', '--porcelain'), 'the repository itself is as it was').to.equal(
      `${status.replace('?? .gitignore', ' M readme.md\n?? .gitignore')}?? new.txt\n`,
    );
  });

  it('leaves no Git behind when this process is killed', async function () {
    if (process.platform !== 'linux') this.skip();
    const noted = join(site.root, 'git.pid');
    const path = join(site.root, 'bin');
    await mkdir(path);
    await writeFile(join(path, 'git'), `#!/bin/sh\necho $$ > "${noted}"\nexec sleep 60\n`, { mode: 0o755 });
    const runner = fork(RUNNER, [site.workspace, join(site.root, 'scratch')], { env: { PATH: `${path}:/usr/bin:/bin` }, stdio: 'ignore' });
    endWithUs(runner);
    const pid = await until('Git', async () => Number(await readFile(noted, 'utf8').catch(() => '')) || undefined);
    // Its guard is started beside it.
    await until('its guard', async () => (await readFile(`/proc/${runner.pid}/task/${runner.pid}/children`, 'utf8')).trim().includes(' '));
    runner.kill('SIGKILL');
    await until('the end of Git', async () => !isAlive(pid), 10_000);
  });

  it('leaves one state of a directory where this process is killed, and none that is old', async () => {
    const scratch = join(site.root, 'scratch');
    for (let killed = 0; killed < 3; killed++) {
      const runner = fork(RUNNER, [site.workspace, scratch], { stdio: 'ignore' });
      endWithUs(runner);
      await once(runner, 'exit');
      expect(await readdir(scratch), `after ${killed + 1}`).to.have.length(1);
    }
    await writeFile(join(site.workspace, 'new.txt'), 'new\n');
    const old = join(scratch, 'state-of-another');
    for (const name of [old, join(scratch, 'state-in-use')]) await mkdir(name);
    const daysAgo = Date.now() / 1_000 - 4 * 24 * 60 * 60;
    await utimes(old, daysAgo, daysAgo);
    const since = await changes().remember(site.workspace, signal);
    expect(await since?.since(signal), 'nothing is known of what the killed ones saw').to.equal('');
    await since?.end();
    expect(await readdir(scratch)).to.deep.equal(['state-in-use']);
  });

  it('tells an empty text if nothing has changed', async () => {
    const since = await changes().remember(site.workspace, signal);
    expect(await since?.since(signal)).to.equal('');
  });

  it('runs no hook, filter, file watch or external diff of a hostile repository', async () => {
    const touch = `touch ${join(site.root, 'ran')}`;
    site.git('config', 'core.fsmonitor', touch);
    site.git('config', 'filter.evil.clean', touch);
    site.git('config', 'diff.evil.command', touch);
    site.git('config', 'diff.external', touch);
    await writeFile(join(site.workspace, '.gitattributes'), '* filter=evil diff=evil\n');
    const since = await changes().remember(site.workspace, signal);
    await writeFile(join(site.workspace, 'readme.md'), 'changed\n');
    expect(await since?.since(signal)).to.include('readme.md');
    expect(await readdir(site.root)).to.not.include('ran');
  });

  it('tells nothing where there is no repository, or no time', async () => {
    expect(await changes(1).remember(site.workspace, signal)).to.equal(undefined);
    await rm(join(site.workspace, '.git'), { recursive: true });
    expect(await changes().remember(site.workspace, signal)).to.equal(undefined);
  });
});
