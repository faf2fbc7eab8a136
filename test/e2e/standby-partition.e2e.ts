import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { until } from '../support/chat-api.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { freshDatabase } from '../support/postgres.ts';
import { makeTelegramSite, type TelegramSite } from '../support/telegram-site.ts';

/**
 * A way to `port` that can be told to swallow everything, as a network does that is parted: nothing is refused, and
 * nothing answered.
 */
const startPartable = async (port: number) => {
  const sockets = new Set<Socket>();
  let parted = false;
  const server = createServer((near) => {
    sockets.add(near);
    near.once('close', () => sockets.delete(near));
    if (parted) {
      near.pause();
      return;
    }
    const far = connect(port, '127.0.0.1');
    sockets.add(far);
    far.once('close', () => sockets.delete(far));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one
        .pipe(other)
        .on('error', () => one.destroy())
        .on('close', () => one.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    part: () => {
      parted = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};

describe('a bot that the network parts from PostgreSQL', function () {
  this.timeout(120_000);
  let site: TelegramSite;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let network: Awaited<ReturnType<typeof startPartable>>;
  const running: KeptProcess[] = [];

  before(async () => {
    database = await freshDatabase();
    network = await startPartable(Number(new URL(database.url).port));
    site = await makeTelegramSite();
  });
  after(async () => {
    for (const kept of running) await kept.kill();
    network?.close();
    await site?.remove();
    await database?.drop();
  });

  const start = async (machine: string, url: string): Promise<KeptProcess> => {
    const kept = await startKept({ ...site, env: { ...site.env, DATABASE_URL: url, KEPT_DATA_DIR: join(site.root, machine) } }, 'bot');
    running.push(kept);
    return kept;
  };
  const hasTakenOver = async ({ url }: KeptProcess): Promise<boolean> => {
    const { checks } = (await (await fetch(`${url}/health`)).json()) as { checks: { id: string; message: string }[] };
    return checks.some(({ id, message }) => id === 'process.leader' && message === 'leads and answers');
  };

  it('leaves Telegram before another bot comes: never are two on one session', async () => {
    const parted = new URL(database.url);
    parted.port = String(network.port);
    await start('parted', parted.href);
    const other = await start('other', database.url);
    assert.equal(site.server.connections(), 1);
    network.part();
    const seen = new Set<number>();
    await until(
      'the take-over',
      async () => {
        seen.add(site.server.connections());
        return hasTakenOver(other);
      },
      60_000,
    );
    seen.add(site.server.connections());
    assert.deepEqual([...seen].toSorted(), [0, 1], 'connections to Telegram');
    assert.equal(site.server.connections(), 1);
  });
});
