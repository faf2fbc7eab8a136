import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is read and written of an entry in package-lock.json. */
export interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly hasInstallScript?: boolean;
  readonly gypfile?: boolean;
  readonly [field: string]: unknown;
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
  readonly [field: string]: unknown;
}

const PLATFORM =
  /-(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|ia32|ppc64|riscv64|s390x|x64)(?:-(?:gnu|msvc|eabi|musl|gnueabihf|musleabihf))?$/;

/** The platform that a binary package is for, told by its name: `@oxc-parser/binding-linux-x64-musl`. */
const platformOf = (name: string) => {
  const [suffix = '', os, cpu] = PLATFORM.exec(name) ?? [];
  if (os === undefined || cpu === undefined) return {};
  const libc = suffix.includes('musl') ? ['musl'] : suffix.includes('gnu') ? ['glibc'] : undefined;
  return { cpu: [cpu], os: [os], ...(libc !== undefined && { libc }) };
};

/**
 * An entry for each optional package that npm left out because it could not be fetched where the lock file was written.
 */
const leftOut = (packages: Lockfile['packages']): Record<string, LockedPackage> => {
  const entries: Record<string, LockedPackage> = {};
  for (const [parent, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(optionalDependencies)) {
      const place = `node_modules/${name}`;
      if (place in packages || `${parent}/${place}` in packages) continue;
      entries[place] = { version: range.replace(/^[~^]/, ''), ...(dev && { dev }), optional: true, ...platformOf(name) };
    }
  }
  return entries;
};

/**
 * Repairs what npm gets wrong in a lock file:
 * - `npm ci` refuses one that lacks an optional package, even one for another platform, while `npm install` leaves out
 * those it cannot fetch;
 * - npm 10 compiles whatever has a binding.gyp unless the entry repeats the package's own `gypfile: false`, which npm
 * does not record.
 */
export const completeLock = (lock: Lockfile, isPrebuilt: (place: string) => boolean): Lockfile => {
  const packages = { ...lock.packages, ...leftOut(lock.packages) };
  for (const [place, entry] of Object.entries(packages)) {
    if (place === '' || !isPrebuilt(place)) continue;
    const { hasInstallScript: _compiles, ...rest } = entry;
    packages[place] = { ...rest, gypfile: false };
  }
  return { ...lock, packages: Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1))) };
};

/**
 * Whether the installed package at that place of the lock file (`node_modules/better-sqlite3`) is never to be compiled.
 */
export const shipsBinaries = (place: string): boolean => {
  const path = join(import.meta.dirname, '..', place, 'package.json');
  if (!existsSync(path)) return false;
  const { gypfile, scripts = {} } = JSON.parse(readFileSync(path, 'utf8'));
  return gypfile === false && !['preinstall', 'install', 'postinstall'].some((script) => script in scripts);
};
