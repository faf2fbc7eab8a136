import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A directory whose files are replaced as Kubernetes does it for a ConfigMap or Secret that is mounted: each name is a
 * link through `..data`, which is swapped for a link to a new directory, so that all files change at once.
 */
export const mountFiles = (directory: string, files: Readonly<Record<string, string>>) => {
  let versions = 0;
  const write = (next: Readonly<Record<string, string>>): void => {
    const version = `..version_${++versions}`;
    mkdirSync(join(directory, version), { recursive: true });
    for (const [name, text] of Object.entries(next)) writeFileSync(join(directory, version, name), text, { mode: 0o640 });
    symlinkSync(version, join(directory, '..data_tmp'));
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
  };
  write(files);
  for (const name of Object.keys(files)) symlinkSync(join('..data', name), join(directory, name));
  return { path: (name: string): string => join(directory, name), swap: write };
};
