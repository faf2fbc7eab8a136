import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import net from 'node:net';
import sinon from 'sinon';
import { onceAccepting } from '../../../src/adapters/postgres/recovery.ts';
import { openPostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { engineNoticesOf, PortError } from '../../../src/ports/index.ts';
import { makeRecordingLogger } from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';
import { freshDatabase } from '../../support/postgres.ts';

const NOT_YET = 'the database system is not yet accepting connections';
/** https://www.postgresql.org/docs/current/protocol-message-formats.html: ErrorResponse. */
const refusal = (): Buffer => {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C57P03\0M${NOT_YET}\0\0`);
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
};

/** A way to the server at `port` that refuses the first connections, as a server does that recovers. */
const recovering = async (port: number, refusals: number): Promise<{ readonly port: number; close(): void }> => {
  const sockets = new Set<net.Socket>();
  let left = refusals;
  const server = net.createServer((near) => {
    sockets.add(near);
    near.on('error', () => near.destroy());
    if (left-- > 0) return near.once('data', () => near.end(refusal()));
    const far = net.connect(port, '127.0.0.1');
    sockets.add(far);
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    return near.pipe(far).pipe(near);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

describe('PostgreSQL that recovers from a crash', () => {
  it('is waited for, which is logged once', async () => {
    const { url, drop } = await freshDatabase();
    const way = await recovering(Number(new URL(url).port), 2);
    const logger = makeRecordingLogger();
    try {
      const there = Object.assign(new URL(url), { port: String(way.port) });
      const storage = await openPostgresStorage({ url: there.href, notice: engineNoticesOf(logged(logger), 'postgres') });
      assert.equal((await storage.stores.promises.stats()).pending, 0);
      await storage.close();
      const told = logger.lines.filter(({ level }) => level === 'warn');
      assert.deepEqual(
        told.map(({ message }) => message),
        ['waiting for PostgreSQL, for 8 s at most'],
      );
      assert.match(String(told[0]?.fields.reason), /not yet accepting connections/);
    } finally {
      way.close();
      await drop();
    }
  });

  describe('on a clock of the test', () => {
    let clock: sinon.SinonFakeTimers;
    beforeEach(() => {
      clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'Date'] });
    });
    afterEach(() => clock.restore());

    /** How often it was tried, and said to be waited for, by the time that it was given up. */
    const giveUp = async (error: Error, afterMs: number) => {
      const open = sinon.stub().rejects(error);
      const onWait = sinon.stub();
      const given = assert.rejects(onceAccepting(open, onWait), error);
      await clock.tickAsync(afterMs);
      await given;
      const tried = [open.callCount, onWait.callCount];
      await clock.tickAsync(60_000);
      assert.deepEqual([open.callCount, onWait.callCount], tried, 'it was given up');
      return tried;
    };
    const failure = (code: string): PortError =>
      new PortError('unavailable', 'no', { retryable: true, cause: Object.assign(new Error(NOT_YET), { code }) });

    it('is waited for 8 s', async () => assert.deepEqual(await giveUp(failure('57P03'), 8_000), [17, 1]));

    it('is not waited for if it is absent or refuses for another reason', async () => {
      for (const code of ['ECONNREFUSED', '57P01', '53300']) assert.deepEqual(await giveUp(failure(code), 0), [1, 0]);
    });
  });
});
