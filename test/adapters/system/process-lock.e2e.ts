import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import {
  acquireProcessLock,
  findStranger,
  isLockHeld,
  isPaused,
  listProcessLocks,
  readProcessLock,
} from '../../../src/adapters/system/index.ts';
import { isPortError } from '../../../src/ports/index.ts';
import { inDirectory } from '../../support/sqlite-storage.ts';

const children: ChildProcess[] = [];
const start = async (dir: string, role = 'kept'): Promise<{ child: ChildProcess; held: boolean; pid?: number }> => {
  const child = fork(new URL('../../support/sqlite-lock-holder.ts', import.meta.url), [dir, role]);
  children.push(child);
  const [told] = (await once(child, 'message')) as [{ held: boolean; pid?: number }];
  return { child, ...told };
};
const kill = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGKILL');
  await once(child, 'exit');
};

describe('process lock', () => {
  afterEach(async () => {
    for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) await kill(child);
  });

  it('is held by one process, and refuses the next, naming the PID', () =>
    inDirectory(async (dir) => {
      const { child } = await start(dir);
      const error: unknown = await acquireProcessLock(dir, 'kept').catch((reason: unknown) => reason);
      expect(isLockHeld(error) && error.pid).to.equal(child.pid);
      expect((error as Error).message).to.include(`PID ${child.pid}`);
      expect(await readProcessLock(dir, 'kept')).to.include({ pid: child.pid });
      await kill(child);
    }));

  it('is known by the process that holds it: a PID that somebody else wrote beside it is a stranger', () =>
    inDirectory(async (dir) => {
      const { child } = await start(dir);
      const holder = await readProcessLock(dir, 'kept');
      expect(holder && findStranger(dir, 'kept', holder)).to.equal(undefined);
      for (const pid of [process.pid, 2 ** 22 + 1, 0, Number.NaN])
        expect(holder && findStranger(dir, 'kept', { ...holder, pid }), `${pid}`).to.be.a('string');
      await kill(child);
    }));

  it('tells of its holder in words where the PID file is damaged, and by the file where it has no time', () =>
    inDirectory(async (dir) => {
      const { child } = await start(dir);
      await writeFile(`${dir}/kept.pid`, `${child.pid}`);
      const holder = await readProcessLock(dir, 'kept');
      expect(holder).to.deep.equal({ pid: child.pid, startedAt: Math.round((await stat(`${dir}/kept.pid`)).mtimeMs) });
      await writeFile(`${dir}/kept.pid`, 'x\n');
      const error: unknown = await listProcessLocks(dir).catch((reason: unknown) => reason);
      expect(isPortError(error) && error.message).to.match(/kept\.pid does not say which it is$/);
      await kill(child);
    }));

  it('is known to be held by a process that does nothing until it is let go on', function () {
    if (process.platform !== 'linux') this.skip();
    return inDirectory(async (dir) => {
      const { child } = await start(dir);
      const holder = await readProcessLock(dir, 'kept');
      if (!holder) return expect.fail('nobody holds it');
      expect(isPaused(dir, 'kept', holder)).to.equal(false);
      for (const [signal, isNow] of [
        ['SIGSTOP', true],
        ['SIGCONT', false],
      ] as const) {
        child.kill(signal);
        while (isPaused(dir, 'kept', holder) !== isNow) await turnOfTheLoop();
      }
      expect(isPaused(dir, 'kept', { ...holder, pid: process.pid }), 'a stranger').to.equal(false);
      await kill(child);
    });
  });

  it('lets one of several processes win that start together, and the others name it', () =>
    inDirectory(async (dir) => {
      const started = await Promise.all([1, 2, 3, 4].map(() => start(dir)));
      const [winner, ...more] = started.filter(({ held }) => held);
      expect(more).to.have.length(0);
      for (const { held, pid } of started) if (!held) expect(pid).to.equal(winner?.child.pid);
      if (winner) await kill(winner.child);
    }));

  it('is free the moment its holder is killed, whatever files are left', () =>
    inDirectory(async (dir) => {
      for (let round = 0; round < 3; round++) {
        const { child, held } = await start(dir);
        expect(held).to.equal(true);
        await kill(child);
        expect(await readProcessLock(dir, 'kept')).to.equal(undefined);
      }
      const lock = await acquireProcessLock(dir, 'kept');
      await lock.release();
    }));

  it('is held against the same process too, until it is released', () =>
    inDirectory(async (dir) => {
      const before = Date.now();
      const lock = await acquireProcessLock(dir, 'kept');
      const error: unknown = await acquireProcessLock(dir, 'kept').catch((reason: unknown) => reason);
      expect(isLockHeld(error) && error.pid).to.equal(process.pid);
      const holder = await readProcessLock(dir, 'kept');
      expect(holder?.pid).to.equal(process.pid);
      expect(holder?.startedAt).to.be.within(before, Date.now());
      await lock.release();
      expect(await readProcessLock(dir, 'kept')).to.equal(undefined);
      await (await acquireProcessLock(dir, 'kept')).release();
    }));

  it('asking for the holder neither takes the lock nor releases it', () =>
    inDirectory(async (dir) => {
      const lock = await acquireProcessLock(dir, 'kept');
      for (let i = 0; i < 5; i++) expect(await listProcessLocks(dir)).to.have.length(1);
      const { child, held } = await start(dir);
      expect(held).to.equal(false);
      if (child.exitCode === null) await once(child, 'exit');
      await lock.release();
    }));

  it('lists live locks, and removes the files of dead ones', () =>
    inDirectory(async (dir) => {
      const [bot, worker, dead] = await Promise.all([start(dir), start(dir, 'worker-7'), start(dir, 'worker-8')]);
      await kill(dead.child);
      await writeFile(`${dir}/system.db`, '');
      const live = await listProcessLocks(dir);
      expect(live.map(({ role, pid }) => ({ role, pid }))).to.deep.equal([
        { role: 'kept', pid: bot.child.pid },
        { role: 'worker-7', pid: worker.child.pid },
      ]);
      expect((await readdir(dir)).sort()).to.deep.equal(['kept.lock', 'kept.pid', 'system.db', 'worker-7.lock', 'worker-7.pid']);
      await Promise.all([kill(bot.child), kill(worker.child)]);
      expect(await listProcessLocks(dir)).to.deep.equal([]);
      expect(await listProcessLocks(`${dir}/nowhere`)).to.deep.equal([]);
    }));

  it('gets the lock although any number of processes ask', () =>
    inDirectory(async (dir) => {
      for (let round = 0; round < 20; round++) {
        const [lock] = await Promise.all([
          acquireProcessLock(dir, 'kept'),
          listProcessLocks(dir),
          readProcessLock(dir, 'kept'),
          listProcessLocks(dir),
        ]);
        expect(await readProcessLock(dir, 'kept')).to.include({ pid: process.pid });
        await lock.release();
      }
    }));

  it('writes files for its owner alone: the PID, then the time', () =>
    inDirectory(async (dir) => {
      const lock = await acquireProcessLock(dir, 'kept');
      for (const file of ['kept.lock', 'kept.pid']) expect((await stat(`${dir}/${file}`)).mode & 0o777).to.equal(0o600);
      expect(await readFile(`${dir}/kept.pid`, 'utf8')).to.match(new RegExp(`^${process.pid}\\n\\d{4}-.*Z\\n$`));
      await lock.release();
    }));

  it('in a place that cannot be written is unavailable, by name', () =>
    inDirectory(async (dir) => {
      await writeFile(`${dir}/file`, '');
      const error: unknown = await acquireProcessLock(`${dir}/file`, 'kept').catch((reason: unknown) => reason);
      expect(isPortError(error) && error.code).to.equal('unavailable');
    }));
});
