import { lstat, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeCodingHomes } from '../../src/main/coding-homes.ts';

const DAY_MS = 24 * 60 * 60_000;

describe('The homes of the coding agent', () => {
  let root: string;
  let now: number;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kept-homes-'));
    now = Date.now();
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  const take = (workspace: string): Promise<string> =>
    makeCodingHomes({ place: join(root, 'homes'), retentionMs: 7 * DAY_MS, now: () => now })(workspace);

  it('are one for each workspace, for this user alone, and the same at the next run', async () => {
    const home = await take('/srv/a');
    expect(await take('/srv/a')).to.equal(home);
    expect(await take('/srv/b')).to.not.equal(home);
    expect((await lstat(home)).mode & 0o777).to.equal(0o700);
  });

  it('keep everything where temporary files are preserved', async () => {
    const preserve = makeCodingHomes({ place: join(root, 'homes'), retentionMs: Number.POSITIVE_INFINITY, now: () => now });
    const home = await preserve('/srv/a');
    await writeFile(join(home, 'old.tmp'), 'x');
    await utimes(join(home, 'old.tmp'), 1, 1);
    await preserve('/srv/b');
    await utimes(await preserve('/srv/b'), 1, 1);
    await preserve('/srv/a');
    expect(await readdir(home)).to.deep.equal(['old.tmp']);
    expect(await readdir(join(root, 'homes'))).to.have.length(2);
  });

  it('lose what nobody has changed for as long as promises are kept, and follow no link', async () => {
    const home = await take('/srv/a');
    const outside = join(root, 'mine');
    await mkdir(outside);
    await mkdir(join(home, 'sessions/empty'), { recursive: true });
    await mkdir(join(home, 'cache'));
    for (const path of ['mine/photo', 'sessions/old', 'sessions/new', 'cache/old', 'old.tmp'])
      await writeFile(path.startsWith('mine') ? join(root, path) : join(home, path), 'x');
    await symlink(outside, join(home, 'link'));
    const age = async (days: number, ...paths: readonly string[]): Promise<void> => {
      for (const path of paths) await utimes(path, (now - days * DAY_MS) / 1_000, (now - days * DAY_MS) / 1_000);
    };
    await age(8, ...['sessions/old', 'cache/old', 'old.tmp', 'sessions/empty', 'cache', 'sessions'].map((path) => join(home, path)));
    await age(6, join(home, 'sessions/new'));
    await age(8, join(outside, 'photo'), outside);
    await take('/srv/a');
    expect((await readdir(home, { recursive: true })).toSorted()).to.deep.equal(['link', 'link/photo', 'sessions', 'sessions/new']);
    now += 2 * DAY_MS;
    await take('/srv/a');
    now += 8 * DAY_MS;
    await take('/srv/a');
    expect(await readdir(home)).to.deep.equal([]);
    expect(await readdir(outside)).to.deep.equal(['photo']);
  });

  it('are gone where no run has taken them for as long', async () => {
    const [used, unused] = [await take('/srv/used'), await take('/srv/unused')];
    for (const home of [used, unused]) await writeFile(join(home, 'session'), 'x');
    now += 4 * DAY_MS;
    await take('/srv/used');
    now += 4 * DAY_MS;
    const third = await take('/srv/third');
    expect((await readdir(join(root, 'homes'))).map((name) => join(root, 'homes', name)).toSorted()).to.deep.equal(
      [used, third].toSorted(),
    );
    expect(await readdir(used)).to.deep.equal(['session']);
  });
});
