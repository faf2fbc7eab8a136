import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { expect } from 'chai';
import { readFacts } from '../scripts/imports.ts';
import { NEEDED_NODE } from '../src/domain/shared/node-version.ts';

const root = join(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

describe('The package', () => {
  it('has these entrances, types first, and no others', () => {
    const entrance = (folder: string) => ({ types: `./dist/${folder}index.d.ts`, default: `./dist/${folder}index.js` });
    expect(Object.keys(manifest.exports['.'])).to.deep.equal(['types', 'default']);
    expect(manifest.exports).to.deep.equal({
      '.': entrance(''),
      './domain': entrance('domain/'),
      './application': entrance('application/'),
      './ports': entrance('ports/'),
      './testing': entrance('testing/'),
      './config': entrance('config/'),
      './adapters/sql': null,
      './adapters/*': entrance('adapters/*/'),
    });
    expect(manifest.sideEffects).to.equal(false);
  });

  it('has an index behind each of them', () => {
    const adapters = readdirSync(join(root, 'src/adapters')).map((name) => `adapters/${name}`);
    const folders = ['.', 'domain', 'application', 'ports', 'testing', 'config', ...adapters];
    expect(folders.filter((folder) => !existsSync(join(root, 'src', folder, 'index.ts')))).to.deep.equal([]);
  });

  it('depends on what its sources import, and on nothing else', () => {
    const imported = globSync('src/**/*.{ts,js}', { cwd: root }).flatMap((file) =>
      readFacts(file, readFileSync(join(root, file), 'utf8')).references.flatMap(({ specifier = '' }) =>
        specifier === '' || specifier.startsWith('.') || isBuiltin(specifier)
          ? []
          : specifier
              .split('/')
              .slice(0, specifier.startsWith('@') ? 2 : 1)
              .join('/'),
      ),
    );
    // Pages import what is served to them.
    const served = globSync('src/**/*.ts', { cwd: root }).flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/import\.meta\.resolve\('([\w-]+)\//g)].map(([, name = '']) => name),
    );
    expect(Object.keys(manifest.dependencies).toSorted()).to.deep.equal([...new Set([...imported, ...served])].toSorted());
  });

  it('is for the Node that its command asks for', () => {
    const [, major, minor] = /NEEDED = \[(\d+), (\d+)\]/.exec(readFileSync(join(root, 'src/main/kept.ts'), 'utf8')) ?? [];
    expect(manifest.engines.node).to.equal(`>=${major}.${minor}`);
    expect(NEEDED_NODE.map(String)).to.deep.equal([major, minor]);
  });
});
