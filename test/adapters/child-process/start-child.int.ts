import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { bubblewrapArguments } from '../../../src/adapters/child-process/bubblewrap.ts';
import { findBubblewrap, makeStartChild } from '../../../src/adapters/child-process/index.ts';
import { until } from '../../support/chat-api.ts';
import { endWithUs } from '../../support/own-directory.ts';

const RUNNER = fileURLToPath(new URL('../../support/start-runner.ts', import.meta.url));
/** Ignores SIGTERM, and has a child that does, too. */
const STUBBORN = ['-c', 'trap "" TERM; (trap "" TERM; while :; do sleep 1; done) & echo ready; while :; do sleep 1; done'];
const DISK = { writable: [], guarded: [], hidden: [] };

const isAlive = (group: number): boolean => {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
};

describe('A command that runs until it is ended', () => {
  it('is ended with its whole group, even if that ignores SIGTERM', async () => {
    const child = makeStartChild()({ command: '/bin/sh', args: STUBBORN, cwd: '/', env: {}, disk: DISK });
    await child.started;
    await once(child.process.stdout, 'data');
    const group = child.process.pid as number;
    expect(isAlive(group)).to.equal(true);
    await child.end();
    await until('the group to be gone', async () => !isAlive(group), 5_000);
  });

  it('ends with this process, even if that is killed', async () => {
    const runner = fork(RUNNER, ['/bin/sh', ...STUBBORN], { stdio: 'ignore' as const });
    endWithUs(runner);
    const [group] = (await once(runner, 'message')) as [number];
    expect(isAlive(group)).to.equal(true);
    runner.kill('SIGKILL');
    await until('the group to be gone', async () => !isAlive(group), 10_000);
  });

  it('is told of in words if it can not be started', async () => {
    const child = makeStartChild()({ command: '/no/such/command', args: [], cwd: '/', env: {}, disk: DISK });
    const error = await child.started.catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'invalid-request' });
    await child.end();
  });
});

describe('The room of a command', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kept-room-'));
    await mkdir(join(root, 'data/home'), { recursive: true });
    await mkdir(join(root, 'work/.git/hooks'), { recursive: true });
    await writeFile(join(root, 'data/system.db'), 'everything');
    await writeFile(join(root, 'settings'), 'a secret');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  const room = () => ({
    writable: [join(root, 'work'), join(root, 'data/home')],
    guarded: [join(root, 'work/.git/hooks'), join(root, 'work/missing')],
    hidden: [join(root, 'data'), join(root, 'settings'), join(root, 'nowhere')],
  });

  it('mounts what lies deeper after what lies above it, and leaves out what does not exist', () => {
    const args = bubblewrapArguments(room(), root).join(' ');
    expect(args).to.not.include('missing').and.not.include('nowhere');
    expect(args.indexOf(`--tmpfs ${root}/data`)).to.be.below(args.indexOf(`--bind ${root}/data/home`));
    expect(args).to.include(`--ro-bind /dev/null ${root}/settings`);
  });

  it('holds a command to it, where bubblewrap works', async () => {
    const bubblewrap = await findBubblewrap(process.env.PATH ?? '');
    const tries = ['work/a', 'work/.git/hooks/a', 'data/home/a', 'outside'].map(
      (path) => `echo x 2>/dev/null > ${root}/${path} && echo wrote ${path}`,
    );
    const script = `exec 2>/dev/null; ${tries.join('; ')}; cat ${root}/settings; ls ${root}/data`;
    const child = makeStartChild(bubblewrap)({
      command: '/bin/sh',
      args: ['-c', script],
      cwd: root,
      env: { PATH: '/usr/bin:/bin' },
      disk: room(),
    });
    const told = await text(child.process.stdout);
    await child.end();
    if (bubblewrap === undefined) expect(told, 'nothing holds it').to.include('wrote outside');
    else expect(told).to.equal('wrote work/a\nwrote data/home/a\nhome\n');
  });
});
