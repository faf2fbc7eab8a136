import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LockedPackage, Lockfile } from './lockfile.ts';

/** A package that an installation of Kept has. */
export interface Installed {
  readonly name: string;
  readonly version: string;
  /** As its author has written it: an SPDX expression, or a text. Absent: it names none. */
  readonly license?: string;
}

export const readLock = (root = join(import.meta.dirname, '..')): Lockfile =>
  JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;

/** Every package that `npm ci --omit=dev` may install, once for each version, by name. */
export const productionPackages = ({ packages }: Lockfile): readonly Installed[] => {
  const all = Object.entries(packages)
    .filter(([place, { dev }]) => place !== '' && !dev)
    .map(([place, entry]) => installed(place, entry));
  return [...new Map(all.map((one) => [idOf(one), one])).values()].toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
};

/** One that is installed by another name, as `npm:` allows, has its own in the lock file. */
const installed = (place: string, { name, version = '', license }: LockedPackage): Installed => ({
  name: typeof name === 'string' ? name : place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
  version,
  ...(typeof license === 'string' ? { license } : {}),
});

export const idOf = ({ name, version }: Pick<Installed, 'name' | 'version'>): string => `${name}@${version}`;
