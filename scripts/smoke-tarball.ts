/**
 * Packs the package as npm would publish it, installs it into an empty project, and uses it from there as a stranger would:
 * only what is packed, and only what `dependencies` names, is at hand.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

const adapters = readdirSync(join(root, 'src/adapters'));
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

/** The library's own entrance stays cheap: no third-party module, no Node module, nothing but the core. */
const importsOnlyTheCore = () => {
  write(
    'import-core.mjs',
    `import { registerHooks } from 'node:module';
     const loaded = [];
     registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
     const { makeReceiveMessage } = await import('${manifest.name}');
     if (typeof makeReceiveMessage !== 'function') throw new Error('the use cases are not exported');
     console.log(loaded.join('\\n'));`,
  );
  const loaded = node('import-core.mjs').stdout.trim().split('\n');
  const core = new RegExp(`/node_modules/${manifest.name}/dist/(index\\.js$|domain/|ports/|application/)`);
  expectEqual(loaded.filter((url) => !core.test(url)).join('\n'), '', `what import('${manifest.name}') loads beside the core`);
  done(`import('${manifest.name}') loads ${loaded.length} modules, all of them its own`);
};

const everyEntranceOpens = () => {
  write(
    'import-all.mjs',
    `for (const name of ${JSON.stringify(specifiers)}) {
       const exported = Object.keys(await import(name));
       if (exported.length === 0) throw new Error(name + ' exports nothing');
     }
     for (const name of ['${manifest.name}/main', '${manifest.name}/dist/index.js']) {
       const refused = await import(name).then(() => 'opened', (error) => error.code);
       if (refused !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw new Error(name + ': ' + refused);
     }`,
  );
  expectEqual(node('import-all.mjs').stderr, '', 'what importing every entrance prints');
  done(`${specifiers.length} entrances open, and no others`);
};

const typesHold = () => {
  const imports = specifiers.map((name, index) => `import * as entrance${index} from '${name}';\nexport { entrance${index} };\n`);
  write('types.ts', imports.join(''));
  const options = {
    module: 'nodenext',
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    noEmit: true,
  };
  const compile = (name: string, compilerOptions: object, files: readonly string[]) => {
    write(name, JSON.stringify({ compilerOptions: { ...options, ...compilerOptions }, files }));
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', name]);
  };
  compile('tsconfig.json', { skipLibCheck: true }, ['types.ts', ...examples()]);
  write('core.ts', "export * from 'kept';\nexport * as testing from 'kept/testing';\n".replaceAll('kept', manifest.name));
  compile('tsconfig.core.json', { skipLibCheck: false, exactOptionalPropertyTypes: true }, ['core.ts']);
  done('a strict TypeScript project accepts every entrance and the examples; the core, declarations included');
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
  if (!/^Usage: kept /.test(help.stdout)) throw new Error(`kept --help prints no usage:\n${help.stdout}`);
  expectEqual(help.stderr, '', 'what kept --help complains about');
  done('kept --version and kept --help run');
};

try {
  mkdirSync(consumer);
  install(pack());
  importsOnlyTheCore();
  everyEntranceOpens();
  examplesRun();
  typesHold();
  commandRuns();
  console.log('the tarball works');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true });
}
