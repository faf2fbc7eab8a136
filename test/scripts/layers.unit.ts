import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const CLI = join(import.meta.dirname, '../../scripts/check-layers.ts');

/** A tree that keeps every rule, as large as the check asks for. */
const CLEAN: Readonly<Record<string, string>> = {
  'src/index.ts': "export * from './domain/index.ts';\nexport * from './ports/index.ts';\nexport * from './application/index.ts';\n",
  'src/domain/index.ts': "export * from './chat.ts';\n",
  'src/domain/chat.ts': 'export const startOf = (at: number) => new Date(at).toISOString();\n',
  'src/ports/index.ts': "import type { startOf } from '../domain/chat.ts';\nexport type Start = typeof startOf;\n",
  'src/application/index.ts': "export { startOf } from '../domain/index.ts';\nexport type { Start } from '../ports/index.ts';\n",
  'src/testing/index.ts': "import assert from 'node:assert/strict';\nimport type {} from '../ports/index.ts';\nassert.ok(Date.now());\n",
  'src/config/index.ts': "import { z } from 'zod';\nimport 'node:fs';\nimport '../domain/index.ts';\nexport const on = z;\n",
  'src/adapters/notion/index.ts':
    "import '@scope/sdk';\nimport 'node:http';\nimport './page.ts';\nimport type {} from '../../ports/index.ts';\n",
  'src/adapters/notion/page.ts': 'export const now = Date.now();\n',
  'src/adapters/tools/index.ts': "import 'zod';\n",
  'src/library/index.ts': "import '../application/index.ts';\nexport const load = () => import('../adapters/tools/index.ts');\n",
  'src/adapters/sql/index.ts': 'export const sql = true;\n',
  'src/adapters/sqlite/index.ts': "import '../sql/index.ts';\n",
  'src/adapters/postgres/index.ts': "import '../sql/index.ts';\n",
  'src/adapters/telegram/updates/x.ts': "import '../client/link.ts';\n",
  'src/adapters/telegram/client/link.ts': 'export const link = true;\n',
  'src/application/bot.ts': "import './turns/answer.ts';\n",
  'src/application/turns/answer.ts': "import '../loops/loop.ts';\n",
  'src/application/loops/loop.ts': 'export const loop = true;\n',
  'src/adapters/local-chat/index.ts': "import '../../domain/chat.ts';\n",
  'src/main/kept.ts': "await import('./bot.ts');\nimport '../adapters/telegram/client/ids.ts';\n",
  'src/adapters/telegram/client/ids.ts': 'export const canMove = true;\n',
  'src/main/program.ts': "import './commands/outcome.ts';\n",
  'src/main/commands/outcome.ts': 'export const outcome = 1;\n',
  'src/main/bot.ts':
    "import 'inversify';\nimport 'reflect-metadata';\nimport '../adapters/notion/index.ts';\nimport '../config/index.ts';\n",
  ...Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`src/domain/fact-${index}.ts`, `export const fact${index} = true;\n`])),
};

describe('The layer check', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'kept-layers-'));
    plant(CLEAN);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const plant = (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  };
  const check = (of?: string) => {
    const { status, stderr } = spawnSync(process.execPath, [CLI, ...(of === undefined ? [] : [of])], { encoding: 'utf8' });
    return { status, rows: stderr.split('\n').filter((row) => row !== '') };
  };

  it('passes this repository', () => {
    expect(check()).to.deep.equal({ status: 0, rows: [] });
  });

  it('passes a tree that keeps every rule', () => {
    expect(check(root)).to.deep.equal({ status: 0, rows: [] });
  });

  it('fails when it sees fewer than 20 files', () => {
    rmSync(join(root, 'src'), { recursive: true });
    plant({ 'src/domain/index.ts': 'export const lonely = true;\n' });
    expect(check(root)).to.deep.equal({ status: 1, rows: ['src:1: at least 20 files are checked: saw 1'] });
  });

  const planted: readonly [title: string, file: string, text: string, row: string][] = [
    ['domain importing ports', 'src/domain/x.ts', "import '../ports/index.ts';", 'domain does not import ports'],
    ['a type alone', 'src/domain/x.ts', "import type { A } from '../ports/index.ts';", 'domain does not import ports'],
    ['an import() type', 'src/domain/x.ts', "export type A = import('../ports/index.ts').Start;", 'domain does not import ports'],
    ['a re-export', 'src/domain/x.ts', "export * from '../application/index.ts';", 'domain does not import application'],
    ['a named re-export', 'src/domain/x.ts', "export { startOf } from '../application/index.ts';", 'domain does not import application'],
    ['a dynamic import', 'src/domain/x.ts', "await import('../application/index.ts');", 'domain does not import application'],
    ['a dynamic import in backticks', 'src/domain/x.ts', 'await import(`../ports/index.ts`);', 'domain does not import ports'],
    ['import = require', 'src/domain/x.ts', "import fs = require('node:fs');", 'domain imports no Node module'],
    ['a require', 'src/application/x.ts', "require('zod');", 'application imports no third-party module'],
    ['a computed import', 'src/adapters/notion/x.ts', "await import('zo' + 'd');", 'imports are written out'],
    ['ports importing application', 'src/ports/x.ts', "import '../application/index.ts';", 'ports does not import application'],
    [
      'application importing an adapter',
      'src/application/x.ts',
      "import '../adapters/notion/index.ts';",
      'application does not import adapters/notion',
    ],
    ['application importing config', 'src/application/x.ts', "import '../config/index.ts';", 'application does not import config'],
    ['application importing testing', 'src/application/x.ts', "import '../testing/index.ts';", 'application does not import testing'],
    [
      'the library importing an adapter',
      'src/library/x.ts',
      "import '../adapters/notion/index.ts';",
      'library does not import adapters/notion',
    ],
    [
      'the library loading another adapter than its own',
      'src/library/x.ts',
      "await import('../adapters/notion/index.ts');",
      'library does not import adapters/notion',
    ],
    [
      'the library importing the built-in tools with itself',
      'src/library/x.ts',
      "import '../adapters/tools/index.ts';",
      'library loads adapters/tools when it needs it, by import(…)',
    ],
    [
      'a type of what the library loads',
      'src/library/x.ts',
      "export type A = typeof import('../adapters/tools/index.ts');",
      'library loads adapters/tools when it needs it, by import(…)',
    ],
    [
      'main importing a file of an adapter past its index',
      'src/main/x.ts',
      "import { now } from '../adapters/notion/page.ts';",
      'main imports an adapter through its index',
    ],
    ['application importing the library', 'src/application/x.ts', "import '../library/index.ts';", 'application does not import library'],
    [
      'an adapter importing another',
      'src/adapters/local-chat/x.ts',
      "import '../notion/page.ts';",
      'an adapter imports no other adapter; an engine alone sees adapters/sql',
    ],
    [
      'an adapter that is no engine importing the stores of SQL',
      'src/adapters/notion/x.ts',
      "import '../sql/index.ts';",
      'an adapter imports no other adapter; an engine alone sees adapters/sql',
    ],
    [
      'an engine importing another',
      'src/adapters/sqlite/x.ts',
      "import '../postgres/index.ts';",
      'an adapter imports no other adapter; an engine alone sees adapters/sql',
    ],
    [
      'an area of application importing one above it',
      'src/application/outbox/x.ts',
      "import '../turns/answer.ts';",
      'outbox stands below turns in src/application',
    ],
    [
      'a type of an area above',
      'src/adapters/telegram/client/y.ts',
      "import type { A } from '../updates/x.ts';",
      'client stands below updates in src/adapters/telegram',
    ],
    [
      'an area that has no place in the order',
      'src/application/misc/x.ts',
      "import '../loops/loop.ts';",
      'the order of the areas of src/application has no place for misc',
    ],
    [
      'an area importing what puts the areas together',
      'src/application/turns/x.ts',
      "import '../bot.ts';",
      'an area of src/application imports no file beside the areas',
    ],
    [
      'a step of the set-up importing a command',
      'src/main/setup/x.ts',
      "import '../commands/outcome.ts';",
      'beside src/main/program.ts, src/main/cli.ts, src/main/modules/http.ts, nothing imports a command',
    ],
    [
      'an adapter importing application',
      'src/adapters/notion/x.ts',
      "import '../../application/index.ts';",
      'adapters/notion does not import application',
    ],
    [
      'an adapter importing config',
      'src/adapters/notion/x.ts',
      "import '../../config/index.ts';",
      'adapters/notion does not import config',
    ],
    [
      'an adapter importing inversify',
      'src/adapters/notion/x.ts',
      "import 'inversify';",
      'only main imports inversify and reflect-metadata',
    ],
    [
      'an adapter importing reflect-metadata',
      'src/adapters/notion/x.ts',
      "import 'reflect-metadata/lite';",
      'only main imports inversify and reflect-metadata',
    ],
    ['config importing application', 'src/config/x.ts', "import '../application/index.ts';", 'config does not import application'],
    ['config importing an SDK', 'src/config/x.ts', "import 'openai';", 'config imports no third-party module but yaml, zod'],
    [
      'testing importing an adapter',
      'src/testing/x.ts',
      "import '../adapters/notion/index.ts';",
      'testing does not import adapters/notion',
    ],
    [
      'testing importing node:fs',
      'src/testing/x.ts',
      "import 'node:fs';",
      'testing imports no Node module but node:assert, node:assert/strict',
    ],
    ['testing importing chai', 'src/testing/x.ts', "import 'chai';", 'testing imports no third-party module'],
    ['domain importing a node module', 'src/domain/x.ts', "import 'node:crypto';", 'domain imports no Node module'],
    ['the hash of the domain importing another one', 'src/domain/shared/sha256.ts', "import 'node:fs';", 'domain imports no Node module'],
    ['ports importing zod', 'src/ports/x.ts', "import type { z } from 'zod';", 'ports imports no third-party module'],
    ['a bare Node module', 'src/adapters/notion/x.ts', "import 'fs';", 'Node modules are imported with the node: prefix'],
    [
      'the package importing itself',
      'src/adapters/notion/x.ts',
      "import 'kept/application';",
      'the package does not import itself by name',
    ],
    ['an import by URL', 'src/adapters/notion/x.ts', "import 'file:///x.js';", 'imports are relative paths, node: modules or packages'],
    ['an import map name', 'src/adapters/notion/x.ts', "import '#domain';", 'imports are relative paths, node: modules or packages'],
    [
      'a relative import out of src',
      'src/adapters/notion/x.ts',
      "import '../../../scripts/x.ts';",
      'a relative import names a code file below src',
    ],
    ['something importing main', 'src/adapters/notion/x.ts', "import '../../main/bot.ts';", 'nothing imports main'],
    ['a new folder', 'src/helpers/x.ts', 'export const x = 1;', 'every file belongs to a layer'],
    ['a file between the adapters', 'src/adapters/x.ts', 'export const x = 1;', 'every file belongs to a layer'],
    ['a file that is not .ts', 'src/domain/x.mjs', "import 'zod';", 'domain imports no third-party module'],
    ['a file that cannot be parsed', 'src/domain/x.ts', 'export const = ;', 'every file can be parsed'],
    ['process.env', 'src/domain/x.ts', 'export const x = process.env.HOME;', 'domain reads no clock, chance or environment: process.env'],
    [
      "process['env']",
      'src/application/x.ts',
      "export const x = process['env'];",
      'application reads no clock, chance or environment: process.env',
    ],
    [
      'globalThis.process.env',
      'src/ports/x.ts',
      'export const x = globalThis.process.env;',
      'ports reads no clock, chance or environment: process.env',
    ],
    ['Date.now()', 'src/application/x.ts', 'export const x = Date.now();', 'application reads no clock, chance or environment: Date.now'],
    [
      'Date.now as a value',
      'src/ports/x.ts',
      'export const x = [1].map(Date.now);',
      'ports reads no clock, chance or environment: Date.now',
    ],
    ['new Date()', 'src/domain/x.ts', 'export const x = new Date();', 'domain reads no clock, chance or environment: new Date()'],
    ['Math.random()', 'src/domain/x.ts', 'export const x = Math.random();', 'domain reads no clock, chance or environment: Math.random'],
    [
      'crypto.randomUUID()',
      'src/domain/x.ts',
      'export const x = crypto.randomUUID();',
      'domain reads no clock, chance or environment: randomUUID',
    ],
    ['a timer', 'src/application/x.ts', 'setTimeout(() => 1, 5);', 'application reads no clock, chance or environment: setTimeout'],
  ];
  for (const [title, file, text, row] of planted) {
    it(`refuses ${title}`, () => {
      plant({ [file]: `// the second line is at fault\n${text}\n` });
      const { status, rows } = check(root);
      expect(status).to.equal(1);
      expect(rows).to.have.length(1);
      const line = row.startsWith('every file belongs') ? 1 : 2;
      expect(rows[0])
        .to.match(new RegExp(`^${file}:${line}: `))
        .and.to.include(`: ${row}`);
    });
  }

  it('refuses a cycle of types alone, and shows it', () => {
    plant({
      'src/domain/a.ts': "import type { B } from './b.ts';\nexport type A = B[];\n",
      'src/domain/b.ts': "export type { A } from './c.ts';\nexport interface B {}\n",
      'src/domain/c.ts': "\nexport type A = import('./a.ts').A;\n",
    });
    expect(check(root)).to.deep.equal({
      status: 1,
      rows: ['src/domain/a.ts:1: no import cycles: src/domain/a.ts → src/domain/b.ts → src/domain/c.ts → src/domain/a.ts'],
    });
  });
});
