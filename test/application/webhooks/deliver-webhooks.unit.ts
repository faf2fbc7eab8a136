import { expect } from 'chai';
import { MAX_WEBHOOK_AGE_MS } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { makeLifetime } from '../crashes/process-lifetime.ts';
import { HOUR, MINUTE, makeWebhookSite, nameOf, SECOND } from './webhook-site.ts';

const down = new PortError('unavailable', 'the receiver of webhooks answered HTTP 503', { retryable: true });
const refused = new PortError('invalid-request', 'the receiver of webhooks answered HTTP 400', { retryable: false });
const gone = new PortError('not-found', 'the receiver of webhooks answered HTTP 410', { retryable: false });

const fails = (error: Error) => () => Promise.reject(error);

describe('Events for the receiver of webhooks', () => {
  it('are posted as they happen, those about one promise in their order', async () => {
    const site = makeWebhookSite();
    const deliverer = site.deliverer();
    await deliverer.start();
    await site.add([1, 0], [2, 0], [1, 1]);
    await site.passes(SECOND, 100);
    await site.add([3, 1]);
    await site.passes(SECOND, 100);
    expect(site.names().filter((name) => name.startsWith('promise:1'))).to.deep.equal(['promise:1 0', 'promise:1 1']);
    expect(site.names().toSorted()).to.deep.equal(['promise:1 0', 'promise:1 1', 'promise:2 0', 'promise:3 1']);
    expect((await site.webhooks.stats()).counts).to.deep.equal({ pending: 0, delivered: 4, failed: 0 });
    expect(site.recorded.of('webhook-delivered').length).to.equal(4);
    await deliverer.stop();
  });

  it('are not stored where there is no receiver, and what waits goes when one is back', async () => {
    const site = makeWebhookSite();
    await site.webhooks.listen(true);
    await site.add([1, 0]);
    const silent = site.silent();
    await silent.start();
    await site.add([2, 0]);
    await site.passes(MINUTE);
    await silent.stop();
    const deliverer = site.deliverer();
    await deliverer.start();
    await site.add([3, 0]);
    await site.passes(SECOND, 100);
    expect(site.names().toSorted()).to.deep.equal(['promise:1 0', 'promise:3 0']);
    await deliverer.stop();
  });

  it('wait side by side for a slow receiver, at most eight at a time, and none is posted twice', async () => {
    const site = makeWebhookSite();
    const deliverer = site.deliverer();
    const open: (() => void)[] = [];
    site.answers(() => new Promise((resolve) => void open.push(resolve)));
    await deliverer.start();
    await site.add(...Array.from({ length: 30 }, (_, id) => [id + 1, 0] as const));
    for (let round = 0; site.taken.length < 30 && round < 20; round++) {
      await site.passes(SECOND, 200);
      expect(open.length).to.be.at.most(8);
      for (const release of open.splice(0)) release();
      await site.settle();
    }
    expect(site.under.most).to.equal(8);
    expect(site.asked.length).to.equal(30);
    expect(new Set(site.names()).size).to.equal(30);
    await deliverer.stop();
  });

  it('arrive once each after a receiver was down for ten minutes, which is not flooded meanwhile', async () => {
    const site = makeWebhookSite();
    const deliverer = site.deliverer();
    await deliverer.start();
    site.answers(fails(down));
    for (let minute = 0; minute < 10; minute++) {
      await site.add(...Array.from({ length: 20 }, (_, id) => [id + 1, minute * 60] as const));
      await site.passes(MINUTE, 500);
    }
    expect(site.taken).to.deep.equal([]);
    expect(site.asked.length, 'tries in ten minutes').to.be.within(10, 40);
    site.answers(async () => undefined);
    const before = site.asked.length;
    await site.passes(3 * MINUTE, 200);
    expect(site.taken.length).to.equal(200);
    expect(site.asked.length - before).to.equal(200);
    for (let id = 1; id <= 20; id++) {
      const own = site.names().filter((name) => name.startsWith(`promise:${id} `));
      expect(own).to.deep.equal(Array.from({ length: 10 }, (_, minute) => `promise:${id} ${minute * 60}`));
    }
    await deliverer.stop();
  });

  it('leave a receiver alone for as long as it asks, over a restart, and an hour at most', async () => {
    const site = makeWebhookSite();
    const busy = (ms: number) => new PortError('rate-limited', 'HTTP 429', { retryable: true, retryAfterMs: ms });
    const first = site.deliverer();
    await first.start();
    site.answers(fails(busy(90 * SECOND)));
    await site.add([1, 0], [2, 0]);
    await site.passes(SECOND, 200);
    const tried = site.asked.length;
    await site.add([3, 0]);
    await site.passes(80 * SECOND, SECOND);
    await first.stop();
    const second = site.deliverer();
    await second.start();
    await site.passes(8 * SECOND, SECOND);
    expect(site.asked.length).to.equal(tried);
    site.answers(fails(busy(9 * HOUR)));
    await site.passes(3 * SECOND, 200);
    expect(site.asked.length).to.equal(tried + 1);
    site.answers(async () => undefined);
    await site.passes(HOUR + MINUTE, MINUTE / 2);
    expect(site.names().toSorted()).to.deep.equal(['promise:1 0', 'promise:2 0', 'promise:3 0']);
    await second.stop();
  });

  it('are tried one at a time also by the next process, where the receiver failed last', async () => {
    const site = makeWebhookSite();
    const first = site.deliverer();
    await first.start();
    site.answers(fails(down));
    await site.add(...Array.from({ length: 20 }, (_, id) => [id + 1, 0] as const));
    await site.passes(SECOND, 200);
    await first.stop();
    await site.passes(HOUR, HOUR);
    site.answers(() => new Promise(() => undefined));
    const before = site.asked.length;
    await site.deliverer().start();
    await site.passes(SECOND, 200);
    expect(site.asked.length - before).to.equal(1);
  });

  it('end where the receiver wants one never again, and follow each other on', async () => {
    const site = makeWebhookSite();
    const deliverer = site.deliverer();
    await deliverer.start();
    site.answers(async (event) => {
      if (nameOf(event, site.start) === 'promise:1 0') throw gone;
    });
    await site.add([1, 0], [1, 1]);
    await site.passes(2 * SECOND, 200);
    expect(site.names()).to.deep.equal(['promise:1 1']);
    expect(site.asked.length).to.equal(2);
    const [failed] = await site.webhooks.list({ statuses: ['failed'], limit: 2 });
    expect(failed).to.include({ lastError: 'the receiver of webhooks answered HTTP 410' });
    expect(site.recorded.of('webhook-abandoned')).to.have.length(1);
    await deliverer.stop();
  });

  it('do not wait for one that the receiver does not take', async () => {
    const site = makeWebhookSite();
    const deliverer = site.deliverer();
    await deliverer.start();
    site.answers(async (event) => {
      if (nameOf(event, site.start).startsWith('promise:1 ')) throw refused;
    });
    await site.add([1, 0], [1, 1], [2, 0], [3, 0]);
    await site.passes(2 * SECOND, 200);
    expect(site.names().toSorted()).to.deep.equal(['promise:2 0', 'promise:3 0']);
    await site.passes(10 * MINUTE, SECOND);
    const tries = site.asked.filter((event) => nameOf(event, site.start) === 'promise:1 0').length;
    expect(tries, 'after 0, 1, 3, 7 minutes').to.equal(4);
    await deliverer.stop();
  });

  it('are given up after three days, which log, audit and list tell, and can be posted again by hand', async () => {
    const site = makeWebhookSite();
    const deliverer = site.deliverer();
    await deliverer.start();
    site.answers(fails(down));
    await site.add([1, 0], [2, 0], [3, 0]);
    await site.passes(MAX_WEBHOOK_AGE_MS - MINUTE, 30 * SECOND);
    expect(await site.webhooks.stats()).to.deep.include({ counts: { pending: 3, delivered: 0, failed: 0 } });
    await site.passes(5 * MINUTE, SECOND);
    expect((await site.webhooks.stats()).counts).to.deep.equal({ pending: 0, delivered: 0, failed: 3 });
    const reasons = site.recorded.of('webhook-abandoned').map(({ reason }) => reason);
    expect(new Set(reasons)).to.deep.equal(new Set(['the receiver of webhooks answered HTTP 503 (given up after 72 hours)']));
    const audited = await site.storage.unitOfWork.run(async ({ audit }) => {
      await audit.seal(1_000);
      return (await audit.read({ limit: 100 })).filter(({ kind }) => kind === 'webhook-abandoned');
    });
    expect(audited).to.have.length(3);
    site.answers(async () => undefined);
    expect(await site.webhooks.revive({ limit: 10 }, site.clock.now())).to.equal(3);
    await site.passes(2 * MINUTE, SECOND);
    expect(site.names().toSorted()).to.deep.equal(['promise:1 0', 'promise:2 0', 'promise:3 0']);
    await deliverer.stop();
  }).timeout(60_000);

  it('are posted again by the next process where one stops in the midst of it', async () => {
    const site = makeWebhookSite();
    const first = site.deliverer();
    await first.start();
    site.answers((_, signal) => new Promise((__, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })));
    await site.add([1, 0]);
    await site.passes(SECOND, 200);
    await first.stop();
    expect(await site.webhooks.stats()).to.deep.equal({
      isHeard: true,
      counts: { pending: 1, delivered: 0, failed: 0 },
      oldestSince: site.start,
    });
    site.answers(async () => undefined);
    const second = site.deliverer();
    await second.start();
    await site.passes(SECOND, 200);
    expect(site.asked.map(({ eventId }) => eventId)).to.deep.equal([site.asked[0]?.eventId, site.asked[0]?.eventId]);
    expect(site.names()).to.deep.equal(['promise:1 0']);
    await second.stop();
  });

  it('are all posted, in their order and under their ids, wherever a process dies', async () => {
    let steps = 0;
    for (let death = 1; death === 1 || death <= steps; death++) {
      const site = makeWebhookSite();
      await site.webhooks.listen(true);
      await site.add([1, 0], [2, 0], [1, 1], [2, 1]);
      const life = makeLifetime();
      life.endAfter(death);
      void site.mortal(life).start();
      await site.passes(3 * SECOND, 200);
      if (!life.ended) break;
      steps = death + 1;
      const next = site.deliverer();
      await next.start();
      await site.passes(3 * SECOND, 200);
      await next.stop();
      const firsts = [...new Set(site.names())];
      for (const id of [1, 2])
        expect(
          firsts.filter((name) => name.startsWith(`promise:${id}`)),
          life.endedAt,
        ).to.deep.equal([`promise:${id} 0`, `promise:${id} 1`]);
      expect(new Set(site.taken.map(({ eventId }) => eventId)).size, life.endedAt).to.equal(4);
      expect((await site.webhooks.stats()).counts, life.endedAt).to.deep.equal({ pending: 0, delivered: 4, failed: 0 });
    }
    expect(steps, 'points of death').to.be.above(20);
  });
});
