import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { loadProcessConfig } from '../../src/config/index.ts';

describe('loadProcessConfig', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kept-config-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const portOf = (env: Record<string, string>): number | undefined => {
    const loaded = loadProcessConfig(env, directory);
    return loaded.ok ? loaded.value.http.port : undefined;
  };

  it('reads .env, lets the process win, and an empty variable of the process hide', () => {
    writeFileSync(join(directory, '.env'), 'PORT=8001  # a comment\nMAX_CONVERSATION_HISTORY=7\n');
    const before = { ...process.env };
    expect(portOf({})).to.equal(8001);
    expect(portOf({ PORT: '8002' })).to.equal(8002);
    expect(portOf({ PORT: '' })).to.equal(9000);
    expect(process.env).to.deep.equal(before);
  });

  it('loads the example of a fresh clone without a warning', () => {
    const loaded = loadProcessConfig({}, fileURLToPath(new URL('../..', import.meta.url)));
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    expect(loaded.value.policy.workspaces.map(({ name }) => name)).to.deep.equal(['Acme Dev', 'Orchard']);
    expect(loaded.value.warnings.filter(({ place }) => place.startsWith('config/'))).to.deep.equal([]);
  });

  it('tells what is wrong with .env beside everything else, and nothing starts', () => {
    writeFileSync(join(directory, '.env'), 'PORT=1\nPORT=99999\nHOST: 0.0.0.0\n');
    writeFileSync(join(directory, 'kept.db'), '');
    const loaded = loadProcessConfig({ KEPT_DATA_DIR: 'kept.db/data' }, directory);
    expect(loaded).to.have.property('ok', false);
    expect((loaded.ok ? [] : loaded.error).map(({ place, severity }) => `${severity}: ${place}`)).to.deep.equal([
      'warning: .env: line 2',
      'error: .env: line 3',
      'error: PORT',
      'error: KEPT_DATA_DIR',
    ]);
    writeFileSync(join(directory, '.env'), 'PORT=1\nPORT=8001\n');
    expect(loadProcessConfig({}, directory)).to.have.nested.property('value.warnings[0].place', '.env: line 2');
    writeFileSync(join(directory, '.env'), 'oops');
    expect(loadProcessConfig({}, directory)).to.have.nested.property('error[0].place', '.env: line 1');
  });

  it('looks at the real directories, and tells of files that are none', () => {
    mkdirSync(join(directory, 'config/workspace_config.json'), { recursive: true });
    const loaded = loadProcessConfig({}, directory);
    expect(loaded).to.have.nested.property('error[0].problem', "can't be read (EISDIR)");
    mkdirSync(join(directory, '.env'));
    expect(loadProcessConfig({ PORT: 'x' }, directory)).to.have.nested.property('error[0].place', '.env');
    expect(loadProcessConfig({ PORT: 'x' }, directory)).to.have.nested.property('error[1].place', 'PORT');
  });
});
