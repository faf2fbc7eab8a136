/**
 * Packs the package as npm would publish it, installs it into an empty project, and uses it from there as a stranger
 * would: only what is packed, and only what `dependencies` names, is at hand.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { isNewEnough } from '../src/domain/index.ts';

const root = join(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const temporary = mkdtempSync(join(tmpdir(), 'kept-tarball-'));
const consumer = join(temporary, 'consumer');

const run = (command: string, args: readonly string[], options: { readonly cwd?: string } = {}): { stdout: string; stderr: string } => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: consumer, encoding: 'utf8', ...options });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return { stdout, stderr };
};
const node = (file: string) => run(process.execPath, [file]);
const write = (name: string, text: string) => writeFileSync(join(consumer, name), text);
const expectEqual = (actual: unknown, expected: unknown, what: string) => {
  if (actual !== expected) throw new Error(`${what}: expected\n${expected}\nbut got\n${actual}`);
};
const done = (what: string) => console.log(`  ${what}`);

/** What the two SQL engines share is not an entrance. */
const adapters = readdirSync(join(root, 'src/adapters')).filter((name) => name !== 'sql');
const entrances = ['.', './domain', './application', './ports', './testing', './config', ...adapters.map((name) => `./adapters/${name}`)];
const specifiers = entrances.map((entrance) => entrance.replace('.', manifest.name));

const pack = () => {
  run('npm', ['pack', '--pack-destination', temporary], { cwd: root });
  const tarball = join(temporary, `${manifest.name}-${manifest.version}.tgz`);
  const packed = run('tar', ['-tzf', tarball]).stdout.trim().split('\n').toSorted();
  const strangers = packed.filter((path) => !/^package\/((dist|config)\/|(package\.json|README\.md|LICENSE)$)/.test(path));
  expectEqual(strangers.join('\n'), '', 'files that do not belong into the tarball');
  for (const wanted of ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts', 'dist/main/kept.js'])
    if (!packed.includes(`package/${wanted}`)) throw new Error(`the tarball lacks ${wanted}`);
  done(`packed ${packed.length} files`);
  return tarball;
};

const install = (tarball: string) => {
  write('package.json', JSON.stringify({ private: true, type: 'module' }));
  const types = `@types/node@${manifest.devDependencies['@types/node']}`;
  const { stderr } = run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=warn', tarball, types]);
  // What npm has to say about this machine's own settings is no matter of the package.
  const warnings = stderr.split('\n').filter((line) => line !== '' && !/npm warn Unknown (user|global|env|builtin) config/.test(line));
  expectEqual(warnings.join('\n'), '', 'what npm warns about');
  done('installed into an empty project without a warning');
};

/** The library's own entrance stays cheap: no third-party module, nothing but the core and Node's own hash. */
const importsOnlyTheCore = () => {
  write(
    'import-core.mjs',
    `import { registerHooks } from 'node:module';
     const loaded = [];
     registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
     const { makeBot } = await import('${manifest.name}');
     if (typeof makeBot !== 'function') throw new Error('the use cases are not exported');
     console.log(loaded.join('\\n'));`,
  );
  const loaded = node('import-core.mjs').stdout.trim().split('\n');
  const core = new RegExp(`/node_modules/${manifest.name}/dist/(index\\.js$|domain/|ports/|application/|library/)`);
  expectEqual(
    loaded.filter((url) => !core.test(url) && url !== 'node:crypto').join('\n'),
    '',
    `what import('${manifest.name}') loads beside the core`,
  );
  done(`import('${manifest.name}') loads ${loaded.length} modules, its own and Node's hash`);
};

const everyEntranceOpens = () => {
  write(
    'import-all.mjs',
    `for (const name of ${JSON.stringify(specifiers)}) {
       const exported = Object.keys(await import(name));
       if (exported.length === 0) throw new Error(name + ' exports nothing');
     }
     for (const name of ['${manifest.name}/main', '${manifest.name}/dist/index.js', '${manifest.name}/adapters/sql']) {
       const refused = await import(name).then(() => 'opened', (error) => error.code);
       if (refused !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw new Error(name + ': ' + refused);
     }`,
  );
  expectEqual(node('import-all.mjs').stderr, '', 'what importing every entrance prints');
  done(`${specifiers.length} entrances open, and no others`);
};

/** A compiler that sees what a stranger's would: this package, its dependencies, and those types that are named. */
const typesHold = () => {
  const imports = specifiers.map((name, index) => `import * as entrance${index} from '${name}';\nexport { entrance${index} };\n`);
  write('types.ts', imports.join(''));
  const options = {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  const compile = (how: string, compilerOptions: object) => {
    write(
      'tsconfig.json',
      JSON.stringify({ compilerOptions: { ...options, ...compilerOptions }, files: ['types.ts', 'readme.ts', ...examples()] }),
    );
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.']);
    done(`strict TypeScript accepts the declarations of every entrance, README and the examples ${how}`);
  };
  const pgTypes = join(consumer, 'node_modules/@types/pg');
  if (existsSync(pgTypes)) throw new Error('@types/pg is installed already: without it nothing is tried');
  compile('by nodenext, without @types/pg', { module: 'nodenext' });
  cpSync(join(root, 'node_modules/@types/pg'), pgTypes, { recursive: true });
  compile('as a bundler, with @types/pg', { module: 'preserve', moduleResolution: 'bundler' });
};

/** The code of README's section on the library, as it is printed. */
const readme = (): string => {
  const code = /## The library[^\n]*\n.*?```ts\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1];
  if (code === undefined) throw new Error('README shows no code of the library');
  return code;
};

const LONGEST_MS = 30_000;

/** Resolves to what was printed once that matches; rejects where the process ends before. */
const printed = async (child: ChildProcess, wanted: RegExp): Promise<string> => {
  let text = '';
  const seen = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (wanted.test(text)) seen.resolve();
    });
  child.once('exit', (code, signal) => seen.reject(new Error(`README's code ended with ${code ?? signal} after it had printed:\n${text}`)));
  const late = setTimeout(() => seen.reject(new Error(`README's code has only printed:\n${text}`)), LONGEST_MS);
  await seen.promise.finally(() => clearTimeout(late));
  return text;
};

const RESULT = /Promise #1 is kept: .*?TODO comments: 2, in 1 file/s;

/** Ends what is given in the meantime with README's code: it runs on until it is stopped. */
const readmeIsTrue = async (meanwhile: () => void) => {
  write('todos.js', '// TODO: water the plants\n// TODO: feed the cat\n');
  write('readme.ts', readme());
  write('readme.mjs', readme());
  write(
    'stopped.mjs',
    `${readme()}chat.subscribe(DEFAULT_LOCAL_CHAT, ({ message }) => /is kept/.test(message?.text) && void kept.stop(), 0);\n`,
  );
  const start = (file: string) => spawn(process.execPath, [file], { cwd: consumer, stdio: ['ignore', 'pipe', 'pipe'] });
  const running = ['readme.ts', 'readme.mjs'].map(start);
  try {
    await Promise.all(running.map((child) => printed(child, RESULT)));
    const stopping = start('stopped.mjs');
    running.push(stopping);
    const [[code]] = await Promise.all([once(stopping, 'exit'), printed(stopping, RESULT).catch(() => undefined)]);
    expectEqual(code, 0, "how README's code ends after kept.stop()");
    meanwhile();
    const ended = running.slice(0, 2).filter(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
    expectEqual(ended.length, 0, "how many of README's programs have ended by themselves");
    done("README's code keeps its promise, as TypeScript and as JavaScript, runs on, and ends when it is stopped");
  } finally {
    for (const child of running) child.kill('SIGKILL');
  }
};

/** An older Node, where this machine has one on its path beside the project's own. */
const olderNodeIsTold = () => {
  const own = join(root, 'node_modules');
  const places = (process.env.PATH ?? '').split(delimiter).filter((place) => place !== '' && !place.startsWith(own));
  const older = places.map((place) => join(place, 'node')).find((file) => existsSync(file) && isOlder(file));
  if (older === undefined) return done('no older Node is here to be told what is needed');
  const { status, stderr } = spawnSync(older, ['readme.mjs'], { cwd: consumer, encoding: 'utf8' });
  if (status === 0 || !/kept needs Node 22\.14 or newer; this is Node \d/.test(stderr))
    throw new Error(`${older} was not told:\n${stderr}`);
  done(`${older} is told, in words, which Node is needed`);
};

const isOlder = (file: string): boolean => {
  const version = spawnSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
  return Number.parseInt(version, 10) >= 18 && !isNewEnough(version);
};

const examples = () => globSync('examples/*.ts', { cwd: root });

/** An example's `// Prints: …` lines are its whole expected output. */
const examplesRun = () => {
  mkdirSync(join(consumer, 'examples'));
  for (const example of examples()) cpSync(join(root, example), join(consumer, example));
  for (const example of examples()) {
    const expected = [...readFileSync(join(root, example), 'utf8').matchAll(/^\/\/ Prints: (.*)$/gm)]
      .map(([, line]) => `${line}\n`)
      .join('');
    if (expected === '') throw new Error(`${example} does not say what it prints`);
    const { stdout, stderr } = node(example);
    expectEqual(stdout + stderr, expected, example);
    done(`${example} prints what it says`);
  }
};

const commandRuns = () => {
  const kept = (...args: readonly string[]) => run('npx', ['--no', '--loglevel=error', '--', 'kept', ...args]);
  expectEqual(kept('--version').stdout, `${manifest.version}\n`, 'kept --version');
  const help = kept('--help');
  if (!/^Usage: (npx )?kept /.test(help.stdout)) throw new Error(`kept --help prints no usage:\n${help.stdout}`);
  expectEqual(help.stderr, '', 'what kept --help complains about');
  done('kept --version and kept --help run');
};

try {
  mkdirSync(consumer);
  install(pack());
  importsOnlyTheCore();
  everyEntranceOpens();
  examplesRun();
  await readmeIsTrue(typesHold);
  olderNodeIsTold();
  commandRuns();
  console.log('the tarball works');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true });
}
