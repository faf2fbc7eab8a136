import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeDirectoryLocks, takeUserDirectory } from '../../../src/adapters/system/index.ts';

describe('Locks of directories', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kept-locks-'));
    await mkdir(join(root, 'project'));
    await symlink(join(root, 'project'), join(root, 'link'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  const { signal } = new AbortController();

  it('have one holder at a time, by whichever way the directory is named', async () => {
    const locks = makeDirectoryLocks(join(root, 'locks'), 20);
    const release = await locks.take(join(root, 'project'), signal, () => undefined);
    const waiting = Promise.withResolvers<void>();
    let isHeld = false;
    const second = locks.take(join(root, 'link'), signal, waiting.resolve).then((its) => {
      isHeld = true;
      return its;
    });
    await waiting.promise;
    expect(isHeld).to.equal(false);
    await release();
    await (await second)();
  });

  it('are free for another directory', async () => {
    const locks = makeDirectoryLocks(join(root, 'locks'), 20);
    const release = await locks.take(join(root, 'project'), signal, () => undefined);
    await (await locks.take(root, signal, () => expect.fail('it waits')))();
    await release();
  });

  it('are waited for until the signal aborts', async () => {
    const locks = makeDirectoryLocks(join(root, 'locks'), 20);
    const release = await locks.take(join(root, 'project'), signal, () => undefined);
    const abort = new AbortController();
    const error = await locks.take(join(root, 'project'), abort.signal, () => abort.abort()).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'aborted' });
    await release();
  });
});

describe('A directory of a user', () => {
  const places: string[] = [];
  afterEach(async () => {
    for (const place of places.splice(0)) await rm(place, { recursive: true, force: true });
  });
  const take = async (name: string): Promise<string> => {
    const place = await takeUserDirectory(name);
    places.push(place);
    return place;
  };

  it('is the same for all processes of the user, and closed to others', async () => {
    const place = await take('test-one');
    expect(await take('test-one')).to.equal(place);
    expect((await stat(place)).mode & 0o777).to.equal(0o700);
  });

  it('is refused where something else has its place', async () => {
    const place = await take('test-two');
    await rm(place, { recursive: true });
    await symlink(tmpdir(), place);
    const link = await takeUserDirectory('test-two').catch((error: unknown) => error);
    expect(link).to.include({ code: 'unavailable' }).and.have.property('message').that.includes('is not a directory of this user');
    await rm(place);
    await writeFile(place, '');
    expect(await takeUserDirectory('test-two').catch((error: unknown) => error)).to.include({ code: 'unavailable' });
  });
});
