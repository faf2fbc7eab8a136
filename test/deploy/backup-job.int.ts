import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { openPostgresStorage } from '../../src/adapters/postgres/storage.ts';
import { buildPromise } from '../../src/testing/index.ts';
import { KEPT } from '../support/kept-process.ts';
import { endWithUs, removeDirectory, takeDirectory } from '../support/own-directory.ts';
import { freshDatabase, postgresServer } from '../support/postgres.ts';
import { makeDatabase } from '../support/postgres-server.ts';

interface JobSpec {
  readonly template: { readonly spec: { readonly containers: readonly [{ readonly command?: string[]; readonly args?: string[] }] } };
}
interface Job {
  readonly kind: string;
  readonly spec: JobSpec & { readonly jobTemplate?: { readonly spec: JobSpec } };
}

/** What the pod runs, with its volume at `backups`. The program of the image is Kept. */
const commandOf = (name: string, backups: string): readonly string[] => {
  const file = readFileSync(new URL(`../../deploy/kubernetes/${name}.yaml`, import.meta.url), 'utf8');
  const jobs = parseAllDocuments(file).map((one) => one.toJS() as Job);
  const { spec } = jobs.find(({ kind }) => kind === 'CronJob' || kind === 'Job') ?? expect.fail('no job');
  const { command = ['kept'], args = [] } = (spec.jobTemplate?.spec ?? spec).template.spec.containers[0];
  return [...command, ...args].map((word) => word.replaceAll('/backups', backups));
};

describe('The jobs of backups on Kubernetes', function () {
  this.timeout(120_000);
  let directory = '';
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let empty: Awaited<ReturnType<typeof freshDatabase>>;
  before(async () => {
    directory = takeDirectory('backup-job');
    [database, empty] = [await freshDatabase(), await makeDatabase(await postgresServer())];
    const storage = await openPostgresStorage({ url: database.url });
    await storage.stores.promises.add([buildPromise()]);
    await storage.close();
    const program = join(directory, 'kept');
    writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${KEPT}" "$@"\n`);
    chmodSync(program, 0o755);
    for (const name of ['volume', 'data']) mkdirSync(join(directory, name), { mode: 0o700 });
  });
  after(async () => {
    await database?.drop();
    await empty?.drop();
    removeDirectory(directory);
  });

  /** Runs it as its pod does, on that database. */
  const run = async ([shell = '', ...words]: readonly string[], { url }: { readonly url: string }): Promise<string> => {
    const address = join(directory, 'url');
    writeFileSync(address, url, { mode: 0o440 });
    const child = spawn(shell, words, {
      cwd: directory,
      env: {
        PATH: `${directory}${delimiter}/usr/bin${delimiter}/bin`,
        ENVIRONMENT: 'production',
        HOST: '0.0.0.0',
        TELEGRAM_API_ID: '1234567',
        KEPT_BACKUP_EVERY: 'elsewhere',
        DATABASE_URL_FILE: address,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    endWithUs(child);
    const ended = once(child, 'close');
    const [printed, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect((await ended)[0], printed + errors).to.equal(0);
    return printed;
  };

  it('need no more than the address of the database, and leave a finished backup on the volume', async () => {
    const volume = join(directory, 'volume');
    await run(commandOf('backup', volume), database);
    expect(readdirSync(volume))
      .to.have.length(1)
      .and.to.have.nested.property('[0]')
      .that.matches(/^kept-\d{4}-/);
    expect(readdirSync(join(directory, 'data')), 'nothing goes with the pod').not.to.include('backups');
  });

  it('restore it into an empty database', async () => {
    const volume = join(directory, 'volume');
    const [name = ''] = readdirSync(volume);
    const command = commandOf('restore', volume).map((word) => word.replace('replace-me', name));
    await run(command, empty);
    const storage = await openPostgresStorage({ url: empty.url });
    try {
      expect((await storage.stores.promises.get(buildPromise().id))?.description).to.equal(buildPromise().description);
    } finally {
      await storage.close();
    }
  });
});
