import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = 'prometheus-alertmanager';

/** Why the real one can't run here; undefined where it can. Debian's package has it with its templates. */
export const whyNoAlertmanager = async (): Promise<string | undefined> => {
  try {
    await (await openAlertmanager()).close();
    return undefined;
  } catch (error) {
    const reason = String(error);
    if (/ENOENT|failed to parse templates/.test(reason))
      return 'prometheus-alertmanager is not installed whole (apt-get install prometheus-alertmanager brings it)';
    throw error;
  }
};

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
};

export interface ShownAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly status: { readonly state: string };
}

/** A real Alertmanager on loopback. `config`: its configuration, in YAML. */
export const openAlertmanager = async (config = 'route: {receiver: none}\nreceivers: [{name: none}]\n') => {
  const dir = await mkdtemp(join(tmpdir(), 'kept-alertmanager-'));
  const port = await freePort();
  const file = join(dir, 'alertmanager.yml');
  await writeFile(file, config);
  const args = [`--config.file=${file}`, `--storage.path=${join(dir, 'data')}`, `--web.listen-address=127.0.0.1:${port}`];
  const child = spawn(PROGRAM, [...args, '--cluster.listen-address='], { stdio: ['ignore', 'ignore', 'pipe'] });
  const close = async (): Promise<void> => {
    await ended(child);
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await listening(child);
  } catch (error) {
    await close();
    throw error;
  }
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    /** Those that fire now. */
    alerts: async (): Promise<readonly ShownAlert[]> => (await (await fetch(`${url}/api/v2/alerts`)).json()) as ShownAlert[],
    close,
    [Symbol.asyncDispose]: close,
  };
};

const listening = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let log = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${PROGRAM} ended with ${code}: ${log}`)));
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (/Listening on|msg=Listening/.test(log)) resolve();
    });
  });

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
};
