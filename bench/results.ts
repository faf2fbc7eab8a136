import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';

const RESULTS = fileURLToPath(new URL('RESULTS.md', import.meta.url));

/**
 * Writes what one benchmark found to `RESULTS.md`, in the place of what it found before; the sections of the others
 * stay as they are.
 */
export const writeSection = async (title: string, body: string): Promise<void> => {
  const [head = '', ...sections] = (await readFile(RESULTS, 'utf8')).split(/^(?=## )/m);
  const section = `## ${title}\n\n${body.trim()}\n`;
  const at = sections.findIndex((each) => each.startsWith(`## ${title}\n`));
  const all = at < 0 ? [...sections, section] : sections.with(at, section);
  await writeFile(RESULTS, `${[head, ...all].map((each) => each.trimEnd()).join('\n\n')}\n`);
};

const versionOf = async (path: string): Promise<string> => {
  const { name, version } = JSON.parse(await readFile(new URL(`../${path}package.json`, import.meta.url), 'utf8'));
  return `${name} ${version}`;
};

/**
 * What else the machine did when this began, in processes that waited for it: times are worth little where it was not
 * near 0.
 */
const [loadBefore = 0] = loadavg();

/** When and on what it was measured, in some sentences; `modules` as they are named in `dependencies`. */
export const circumstances = async (modules: readonly string[]): Promise<string> => {
  const processors = `${cpus().length} × ${cpus()[0]?.model.trim() || 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const versions = await Promise.all(['', ...modules.map((name) => `node_modules/${name}/`)].map(versionOf));
  return `${new Date().toISOString().slice(0, 10)}. ${type()} ${release()}, ${processors}; Node ${process.versions.node}; ${versions.join(', ')}; load ${loadBefore.toFixed(1)} before it, ${loadavg()[0]?.toFixed(1)} after it.`;
};
