import type { Installed } from './packages.ts';

/** Licences that let anybody use, change and sell what is made with the package. */
const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'PSF-2.0',
  'Unlicense',
]);

/** Whether one of the alternatives of an SPDX expression is allowed in all its parts. What is not understood is not. */
export const isAllowed = (expression: string): boolean => {
  const flat = expression.trim().replace(/^\(([^()]*)\)$/, '$1');
  if (/[()]/.test(flat)) return false;
  return flat.split(/\s+OR\s+/).some((choice) => choice.split(/\s+AND\s+/).every((name) => ALLOWED.has(name.trim())));
};

/** What can't be shipped, a line each. */
export const licenceFaults = (packages: readonly Installed[]): readonly string[] =>
  packages.flatMap(({ name, version, license }) => {
    if (license === undefined) return [`${name} ${version} names no licence`];
    return isAllowed(license) ? [] : [`${name} ${version} is under ${license}, which is not on the list`];
  });
