import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import type { AlertReading } from '../../../src/domain/index.ts';
import { makeAlertSite, SECOND } from './alert-site.ts';

const KEY = 'queue.worker';
const bad: AlertReading = { value: 0, found: 'No worker gives a sign of life.' };

describe('A rule that hangs', () => {
  it('waits no longer than 5 s for a rule', async () => {
    const site = makeAlertSite();
    site.asks(KEY, () => new Promise(() => undefined));
    const watch = site.begin();
    const looked = watch.look();
    await site.clock.untilTimer();
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    site.clock.advance(5 * SECOND);
    await looked;
    assert.deepEqual(
      site.events.of('alert-rule-unread').map(({ reason }) => reason),
      ['no answer within 5 s'],
    );
  });

  it('does not read a rule again while it hangs, and does once it has come back', async () => {
    const site = makeAlertSite();
    const hang = Promise.withResolvers<readonly AlertReading[]>();
    let asked = 0;
    site.asks(KEY, () => {
      asked++;
      return hang.promise;
    });
    const watch = site.begin();
    const look = async (): Promise<void> => {
      const looked = watch.look();
      await site.clock.untilTimer();
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      site.clock.advance(5 * SECOND);
      await looked;
    };
    await look();
    await look();
    assert.equal(asked, 1);
    hang.resolve([bad]);
    await look();
    assert.equal(asked, 2);
    assert.equal(site.events.of('alert-rule-unread').length, 1);
  });

  it('is read again after ten minutes where it never comes back', async () => {
    const site = makeAlertSite();
    let asked = 0;
    site.asks(KEY, () => {
      asked++;
      return asked === 1 ? new Promise(() => undefined) : Promise.resolve([bad]);
    });
    const watch = site.begin();
    const looked = watch.look();
    await site.clock.untilTimer();
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    site.clock.advance(5 * SECOND);
    await looked;
    site.clock.advance(10 * 60 * SECOND - 5 * SECOND - 1);
    await watch.look();
    assert.equal(asked, 1);
    site.clock.advance(1);
    await watch.look();
    assert.equal(asked, 2);
    assert.equal(site.events.of('alert-rule-unread').length, 1);
  });
});
