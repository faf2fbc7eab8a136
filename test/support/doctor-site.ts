import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Diagnosis } from '../../src/application/index.ts';
import { readProcessConfig } from '../../src/config/index.ts';
import { makeAppContext } from '../../src/main/container.ts';
import { type ExamineOptions, examine } from '../../src/main/doctor/examine.ts';
import { openDataDir } from '../../src/main/open-data-dir.ts';
import { TOKENS } from '../../src/main/tokens.ts';
import { silentLogger } from '../../src/ports/index.ts';

/** An installation in which all is well, until a test breaks something. */
export interface DoctorSite {
  readonly dir: string;
  readonly dataDir: string;
  readonly database: string;
  readonly env: Record<string, string>;
  node: string;
  examine(
    chosen?: { readonly only?: readonly string[]; readonly skip?: readonly string[]; readonly deep?: boolean },
    options?: ExamineOptions,
  ): Promise<Diagnosis>;
  close(): Promise<void>;
}

/** `started`: whether it has data, as a process leaves it that has stopped. */
export const openDoctorSite = async ({
  started = true,
  env = {},
}: {
  started?: boolean;
  env?: Record<string, string>;
} = {}): Promise<DoctorSite> => {
  const dir = await mkdtemp(join(tmpdir(), 'kept-doctor-'));
  const dataDir = join(dir, 'data');
  const configPath = join(dir, 'workspace_config.json');
  await writeFile(
    configPath,
    JSON.stringify({
      workspaces: {},
      telegram_groups: {},
      dm_whitelist: { description: 'x', default_working_directory: dir, allowed_users: {}, allowed_user_ids: {} },
    }),
  );
  const site: DoctorSite = {
    dir,
    dataDir,
    database: join(dataDir, 'system.db'),
    env: { KEPT_DATA_DIR: dataDir, KEPT_CONFIG: configPath, KEPT_MODELS: 'rehearsal', PORT: '0', ...env },
    node: process.versions.node,
    examine: (chosen = {}, options = {}) =>
      examine(readProcessConfig(site.env, dir, { looksAtData: options.hung !== 'data' }), silentLogger, chosen, {
        nodeVersion: site.node,
        ...options,
      }),
    close: () => rm(dir, { recursive: true, force: true }),
  };
  if (started) await start(site);
  return site;
};

const start = async ({ dataDir, env, dir }: DoctorSite): Promise<void> => {
  openDataDir(dataDir);
  const { get, lifecycle } = makeAppContext(readProcessConfig(env, dir).config, silentLogger);
  await get(TOKENS.storage);
  await lifecycle.stop();
};
