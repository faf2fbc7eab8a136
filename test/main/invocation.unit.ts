import { strict as assert } from 'node:assert';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandFormOf, type Invocation } from '../../src/main/invocation.ts';

const COMMANDS =
  'start|bot|worker|stop|status|health|chat|login|promises|schedules|agent|mcp|scout|demo|explain|config|completion|<command>';
const SPELLED = new RegExp(`(?<!they )kept (${COMMANDS})\\b|npm (start|run kept)\\b`);
const SRC = fileURLToPath(new URL('../../src', import.meta.url));

describe('hints of commands', () => {
  const typed = (call: Partial<Invocation>, words: string): string =>
    commandFormOf({ script: '/home/ada/kept/src/main/kept.ts', node: process.execPath, cwd: '/home/ada/kept', env: {}, ...call })(words);

  it('command hints name npm scripts in the repository, however Kept was called', () => {
    for (const call of [{}, { cwd: '/home/ada/kept/src' }, { cwd: '/srv', env: { npm_lifecycle_event: 'kept' } }]) {
      assert.equal(typed(call, 'start'), 'npm start');
      assert.equal(typed(call, 'start --detach'), 'npm start -- --detach');
      assert.equal(typed(call, 'stop'), 'npm run kept -- stop');
      assert.equal(typed(call, 'config check'), 'npm run kept -- config check');
      assert.equal(typed(call, ''), 'npm run kept --');
    }
  });

  it('command hints name the installed command if Kept is installed', () => {
    assert.equal(typed({ script: '/usr/local/bin/kept', cwd: '/srv' }, 'stop'), 'kept stop');
    assert.equal(typed({ script: '/usr/lib/node_modules/kept/dist/main/kept.js', cwd: '/srv' }, 'stop'), 'kept stop');
  });

  it("command hints name npx if the package is a project's own", () => {
    assert.equal(typed({ script: '/srv/node_modules/.bin/kept', cwd: '/srv' }, 'stop'), 'npx kept stop');
    const script = '/srv/node_modules/kept/dist/main/kept.js';
    assert.equal(typed({ script, cwd: '/srv', env: { npm_command: 'exec' } }, 'stop'), 'npx kept stop');
  });

  it('command hints name the file that was run if nothing else works', () => {
    const env = { PATH: `/nowhere${delimiter}${dirname(process.execPath)}` };
    assert.equal(typed({ cwd: '/srv', env }, 'stop'), 'node /home/ada/kept/src/main/kept.ts stop');
    assert.equal(typed({ script: 'dist/main/kept.js', cwd: '/app', env }, 'stop'), 'node dist/main/kept.js stop');
  });

  it('command hints name the Node that runs Kept where `node` is another one, or none', () => {
    const other = mkdtempSync(join(tmpdir(), 'kept-node-'));
    writeFileSync(join(other, 'node'), '#!/bin/sh\n', { mode: 0o755 });
    for (const PATH of [`${other}${delimiter}${dirname(process.execPath)}`, '/nowhere', ''])
      assert.equal(typed({ cwd: '/srv', env: { PATH } }, 'stop'), `${process.execPath} /home/ada/kept/src/main/kept.ts stop`);
    rmSync(other, { recursive: true });
  });

  it('command hints come from one function: no sentence in the sources spells out a command', () => {
    const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(ts|js|html)$/.test(path));
    const spelled = files.flatMap((path) => {
      const lines = readFileSync(join(SRC, path), 'utf8').split('\n');
      return lines.flatMap((line, at) =>
        /^\s*(\/?\*|\/\/)/.test(line) || !SPELLED.test(line.replace(/\/\*\*.*\*\//, '').replace(/\/\/ .*/, ''))
          ? []
          : [`${path}:${at + 1}: ${line.trim()}`],
      );
    });
    // On an older Node nothing else can be loaded, and an invocation's forms are made of it.
    assert.deepEqual(
      spelled.filter((line) => !/^main\/(kept|invocation)\.ts/.test(line)),
      [],
    );
  });
});
