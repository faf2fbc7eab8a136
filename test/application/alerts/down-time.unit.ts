import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { PortError, type Storage } from '../../../src/ports/index.ts';
import { MINUTE, makeAlertSite, NOON } from './alert-site.ts';

const unavailable = (): never => {
  throw new PortError('unavailable', 'it is down', { retryable: true });
};

describe('What the watch over alerts makes of a time in which Kept was down', () => {
  const KEY = 'service.availability';
  const led = (heartbeatAt: number, id: string) =>
    ({
      id,
      role: 'bot',
      host: 'nova',
      pid: 7,
      version: '0.2.0',
      dataDir: '/srv/kept',
      startedAt: NOON,
      heartbeatAt,
      work: { phase: 'running', standing: 'leads', promises: [], promiseCount: 0, answering: 0 },
    }) as const;

  it('is an alert, where the process before was killed', async () => {
    const site = makeAlertSite({ realReaders: [KEY] });
    await site.during(site.begin(), 30 * MINUTE);
    await site.storage.stores.processes.beat(led(NOON + 30 * MINUTE, 'killed'));
    site.clock.advance(10 * MINUTE);
    // Its own sign of life, which says nothing of the time before.
    await site.storage.stores.processes.beat(led(NOON + 40 * MINUTE, 'process-2'));
    await site.during(site.begin(), 3 * MINUTE);
    assert.deepEqual(site.channels[0]?.sent, [`12:42:15 firing ${KEY}`]);
    assert.match(site.channels[0]?.alerts[0]?.detail ?? '', /^People could be answered 75\.\d+ % of the time within 1 h\. /);
  });

  it('is nothing, where it was stopped', async () => {
    const site = makeAlertSite({ realReaders: [KEY] });
    const first = site.begin();
    await site.during(first, 30 * MINUTE);
    await first.stop();
    site.clock.advance(10 * MINUTE);
    await site.during(site.begin(), 5 * MINUTE);
    assert.deepEqual(site.channels[0]?.sent, []);
  });

  it('is not lost by a process that stops late, when another one has begun to look', async () => {
    const site = makeAlertSite({ realReaders: [KEY] });
    const [first, second] = [site.begin(), site.begin()];
    await site.during(first, 30 * MINUTE);
    await site.during(second, MINUTE);
    await first.stop();
    site.clock.advance(10 * MINUTE);
    await site.during(site.begin(), 5 * MINUTE);
    assert.equal(site.channels[0]?.sent.length, 1);
  });

  it('says that a stop could not be stored, and stops', async () => {
    const storage = makeMemoryStorage();
    let isBroken = false;
    const state: Storage['state'] = (owner) => {
      const kept = storage.state(owner);
      return { ...kept, get: async (key) => (isBroken ? unavailable() : kept.get(key)) };
    };
    const site = makeAlertSite();
    const watch = site.begin({ storage: { ...storage, state } });
    await watch.look();
    isBroken = true;
    await watch.stop();
    assert.deepEqual(
      site.events.of('poll-failed').map(({ loop, reason }) => `${loop}: ${reason}`),
      ['alerts: it is down'],
    );
  });
});
