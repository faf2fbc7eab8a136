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
import { freshDatabase } from '../support/postgres.ts';

interface Job {
  readonly kind: string;
  readonly spec: {
    readonly jobTemplate: { readonly spec: { readonly template: { readonly spec: { containers: [{ command: string[] }] } } } };
  };
}

/** What the pod runs, with its volume at `backups`. */
const commandOf = (backups: string): readonly string[] => {
  const file = readFileSync(new URL('../../deploy/kubernetes/backup.yaml', import.meta.url), 'utf8');
  const jobs = parseAllDocuments(file).map((one) => one.toJS() as Job);
  const job = jobs.find(({ kind }) => kind === 'CronJob') ?? expect.fail('no job');
  return job.spec.jobTemplate.spec.template.spec.containers[0].command.map((word) => word.replaceAll('/backups', backups));
};

describe('The job that makes backups on Kubernetes', function () {
  this.timeout(120_000);
  let directory = '';
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  before(async () => {
    directory = takeDirectory('backup-job');
    database = await freshDatabase();
    const storage = await openPostgresStorage({ url: database.url });
    await storage.stores.promises.add([buildPromise()]);
    await storage.close();
  });
  after(async () => {
    await database?.drop();
    removeDirectory(directory);
  });

  it('needs no more than the address of the database, and leaves a finished backup on its volume', async () => {
    const [backups, program, url] = ['volume', 'kept', 'url'].map((name) => join(directory, name)) as [string, string, string];
    mkdirSync(backups);
    mkdirSync(join(directory, 'data'), { mode: 0o700 });
    writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${KEPT}" "$@"\n`);
    chmodSync(program, 0o755);
    writeFileSync(url, database.url, { mode: 0o440 });
    const [shell = '', ...words] = commandOf(backups);
    const child = spawn(shell, words, {
      cwd: directory,
      env: {
        PATH: `${directory}${delimiter}/usr/bin${delimiter}/bin`,
        ENVIRONMENT: 'production',
        HOST: '0.0.0.0',
        TELEGRAM_API_ID: '1234567',
        KEPT_BACKUP_EVERY: 'off',
        DATABASE_URL_FILE: url,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    endWithUs(child);
    const ended = once(child, 'close');
    const [printed, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect((await ended)[0], printed + errors).to.equal(0);
    expect(readdirSync(backups))
      .to.have.length(1)
      .and.to.have.nested.property('[0]')
      .that.matches(/^kept-\d{4}-/);
    expect(readdirSync(join(directory, 'data')), 'nothing goes with the pod').not.to.include('backups');
  });
});
