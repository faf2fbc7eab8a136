import { strict as assert } from 'node:assert';
import type { AlertDelivery, AlertRecord } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { START } from './builders.ts';
import type { Contract } from './contract.ts';

const pending: AlertRecord = {
  key: 'queue.worker',
  rule: 'queue.worker',
  run: 'bad',
  since: START,
  heldMs: 15_000,
  seenAt: START + 15_000,
};
const firing: AlertRecord = {
  ...pending,
  key: 'gateway.silent:telegram',
  rule: 'gateway.silent',
  subject: 'telegram',
  incident: {
    startedAt: START,
    firedAt: START + 60_000,
    title: 'A gateway is silent: telegram',
    detail: 'It "hangs" – ü.',
    severity: 'critical',
  },
};
const resolved: AlertRecord = {
  ...firing,
  run: 'well',
  ...(firing.incident && { incident: { ...firing.incident, resolvedAt: START + 600_000 } }),
};
const due: AlertDelivery = { key: firing.key, channel: 'webhook', startedAt: START, wants: 'firing', failures: 0, dueAt: START };
const told: AlertDelivery = { ...due, channel: 'slack', sent: 'firing', sentAt: START + 5, failures: 2, lastError: 'It was down.' };

/** The law of `AlertStore`. */
export const alertStoreContract: Contract<Storage> = {
  'gives alerts back as they were stored, by key': async ({ stores: { alerts } }) => {
    assert.deepEqual(await alerts.records(), []);
    await alerts.put([]);
    await alerts.put([pending, firing]);
    assert.deepEqual(await alerts.records(), [firing, pending]);
    await alerts.put([resolved]);
    assert.deepEqual(await alerts.records(), [resolved, pending]);
  },

  'orders keys by their code units on every engine': async ({ stores: { alerts } }) => {
    const keys = ['queue.b', 'queue.B', 'queue.a:ä', 'queue.a:z', 'queue-a'];
    await alerts.put(keys.map((key) => ({ ...pending, key })));
    assert.deepEqual(
      (await alerts.records()).map(({ key }) => key),
      [...keys].sort(),
    );
  },

  'gives deliveries back as they were stored, by key and channel': async ({ stores: { alerts } }) => {
    const other = { ...due, key: pending.key };
    await alerts.putDeliveries([]);
    await alerts.putDeliveries([other, due, told]);
    assert.deepEqual(await alerts.deliveries(), [told, due, other]);
    const { dueAt: _, ...known } = { ...due, sent: 'firing' as const, sentAt: START + 9 };
    await alerts.putDeliveries([known]);
    assert.deepEqual(await alerts.deliveries(), [told, known, other]);
  },

  'forgets an alert with all that channels were told of it': async ({ stores: { alerts } }) => {
    const other = { ...due, key: pending.key };
    await alerts.put([pending, firing]);
    await alerts.putDeliveries([due, told, other]);
    await alerts.remove([]);
    await alerts.remove([firing.key, 'no.such']);
    assert.deepEqual(await alerts.records(), [pending]);
    assert.deepEqual(await alerts.deliveries(), [other]);
  },

  'keeps one silence of each target': async ({ stores: { alerts } }) => {
    await alerts.putSilence({ target: 'queue.worker', until: START + 1, reason: 'moving house' });
    await alerts.putSilence({ target: 'gateway.silent', until: START + 2 });
    await alerts.putSilence({ target: 'queue.worker', until: START + 3 });
    assert.deepEqual(await alerts.silences(), [
      { target: 'gateway.silent', until: START + 2 },
      { target: 'queue.worker', until: START + 3 },
    ]);
    await alerts.removeSilences(['gateway.silent', 'no.such']);
    assert.deepEqual(await alerts.silences(), [{ target: 'queue.worker', until: START + 3 }]);
  },

  'lets nobody change between a look and its change, under its lock': async ({ stores: { alerts }, unitOfWork }) => {
    await alerts.put([{ ...pending, heldMs: 0 }]);
    const add = () =>
      unitOfWork.run(async (unit) => {
        await unit.alerts.lock();
        const [record = pending] = await unit.alerts.records();
        await unit.alerts.put([{ ...record, heldMs: record.heldMs + 1 }]);
      });
    await Promise.all(Array.from({ length: 8 }, add));
    assert.equal((await alerts.records())[0]?.heldMs, 8);
  },

  'commits with the rest of its unit of work, or not at all': async ({ stores: { alerts }, unitOfWork }) => {
    const failing = unitOfWork.run(async (unit) => {
      await unit.alerts.put([firing]);
      await unit.alerts.putDeliveries([due]);
      await unit.alerts.putSilence({ target: 'queue.worker', until: START });
      assert.deepEqual(await unit.alerts.records(), [firing]);
      throw new RangeError('it ends here');
    });
    await assert.rejects(failing, RangeError);
    assert.deepEqual(await alerts.records(), []);
    assert.deepEqual(await alerts.deliveries(), []);
    assert.deepEqual(await alerts.silences(), []);
  },
};
