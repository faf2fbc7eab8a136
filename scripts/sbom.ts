/** `node scripts/sbom.ts [FILE]`: the packages of an installation of Kept (CycloneDX), from the lock file alone. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { productionBill } from './bill.ts';
import { productionPackages, readLock } from './packages.ts';

const root = join(import.meta.dirname, '..');
const { status, stdout, stderr, error } = spawnSync('npm', ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 ** 2,
});
if (error) throw error;
if (status !== 0) throw new Error(`npm sbom ended with ${status}:\n${stderr}`);
const bill = productionBill(JSON.parse(stdout), productionPackages(readLock(root)));
const text = `${JSON.stringify(bill, null, 1)}\n`;
const [file] = process.argv.slice(2);
if (file === undefined) process.stdout.write(text);
else {
  writeFileSync(file, text);
  console.log(`${file} lists ${bill.components.length} packages`);
}
