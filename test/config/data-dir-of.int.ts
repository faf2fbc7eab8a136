import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataDirOf, readProcessConfig } from '../../src/config/index.ts';
import { watchFiles } from '../support/watched-files.ts';

describe('where the data is kept', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kept-where-'));
  });
  after(() => rm(dir, { recursive: true }));

  for (const [file, env] of [
    ['', {}],
    ['', { KEPT_DATA_DIR: ' elsewhere ' }],
    ['', { KEPT_DATA_DIR: '/absolute' }],
    ['KEPT_DATA_DIR="in file"\n', {}],
    ['KEPT_DATA_DIR=file\n', { KEPT_DATA_DIR: '' }],
    ['KEPT_DATA_DIR=file\n', { KEPT_DATA_DIR: 'given' }],
  ] as const)
    it(`is told without a look at it, as the configuration has it: ${JSON.stringify([file, env])}`, async () => {
      await writeFile(join(dir, '.env'), file);
      const { dataDir } = readProcessConfig(env, dir).config;
      const calls: string[] = [];
      const end = watchFiles(dataDir, ({ path, real }) => {
        calls.push(path);
        return real();
      });
      try {
        assert.equal(dataDirOf(env, dir), dataDir);
        assert.equal(readProcessConfig(env, dir, { looksAtData: false }).config.dataDir, dataDir);
        assert.deepEqual(calls, []);
        readProcessConfig(env, dir);
        assert.notDeepEqual(calls, []);
      } finally {
        end();
      }
    });
});
