/**
 * `npm run image:steps`: what deploy/Dockerfile does, in a clean folder, where no image can be built; then a start of
 * what comes out. It shows that the builder is given all that it needs, and that nothing of what is left out is missed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Step, stepsOf } from './dockerfile.ts';

const root = join(import.meta.dirname, '..');
const place = mkdtempSync(join(tmpdir(), 'kept-image-'));
const dockerfile = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8');
const done = (what: string) => console.log(`  ${what}`);

/** Only what .dockerignore lets through. */
const context = join(place, 'context');
const makeContext = (): void => {
  const given = [...readFileSync(join(root, '.dockerignore'), 'utf8').matchAll(/^!(.+)$/gm)].map(([, path = '']) => path);
  for (const path of given) cpSync(join(root, path), join(context, path), { recursive: true });
};

const run = (command: string, cwd: string): void => {
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', command], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}\nended with ${status}:\n${stdout}${stderr}`);
};

/** A stage in a folder of its own, which stands for its `/app`. */
const build = (stage: string, isWanted = (_step: Step): boolean => true): string => {
  const folder = join(place, stage);
  mkdirSync(folder);
  const inApp = (path: string): string => join(folder, path.replace(/^\/app\/?/, ''));
  for (const step of stepsOf(dockerfile, stage === 'image' ? undefined : stage).filter(isWanted)) {
    if (step.kind === 'run') run(step.command, folder);
    else
      for (const source of step.sources) {
        const from = step.from === undefined ? join(context, source) : join(place, step.from, source.replace(/^\/app\/?/, ''));
        const into = inApp(step.target);
        const isFolder = step.target.endsWith('/') || (step.from === undefined && step.target === './');
        cpSync(from, isFolder ? join(into, source.split('/').at(-1) ?? '') : into, { recursive: true, verbatimSymlinks: true });
      }
  }
  return folder;
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const tryIt = async (app: string): Promise<void> => {
  const [command, health] = [join(app, 'dist/main/kept.js'), join(app, 'healthcheck.mjs')];
  const env = {
    PATH: process.env.PATH,
    HOME: place,
    PORT: String(await freePort()),
    KEPT_MODELS: 'rehearsal',
    KEPT_DATA_DIR: join(place, 'data'),
  };
  const options = { cwd: place, env, encoding: 'utf8' } as const;
  const { stdout, stderr } = spawnSync(process.execPath, [command, '--version'], options);
  if (!/^\d+\.\d+\.\d+\n$/.test(stdout)) throw new Error(`kept --version says ${stdout}${stderr}`);
  done(`kept --version: ${stdout.trim()}`);
  const kept = spawn(process.execPath, [command, 'start'], { cwd: place, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(kept, 'exit');
  try {
    const isWell = (): boolean => spawnSync(process.execPath, [health], options).status === 0;
    for (let tries = 0; !isWell(); tries++) {
      if (kept.exitCode !== null || tries === 60) throw new Error('nobody answers /health');
      await wait(250);
    }
    done('kept start answers /health, and the health check is passed');
    kept.kill('SIGTERM');
    const [code] = await ended;
    if (code !== 0) throw new Error(`SIGTERM ended it with ${code}`);
    done('SIGTERM ended it with 0');
  } finally {
    kept.kill('SIGKILL');
  }
};

try {
  makeContext();
  build('packages');
  build('build');
  // Users, links and folders of the system are the image's alone.
  const app = build('image', ({ kind }) => kind === 'copy');
  if (existsSync(join(app, 'node_modules/mocha'))) throw new Error('it has packages of development');
  done(`${spawnSync('du', ['-sm', app], { encoding: 'utf8' }).stdout.split('\t')[0]} MB`);
  await tryIt(app);
  console.log('the steps of the image work');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(place, { recursive: true, force: true });
}
