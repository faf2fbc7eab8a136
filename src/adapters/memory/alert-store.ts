import type { AlertStore } from '../../ports/index.ts';
import { select } from './rows.ts';
import { deliveryKey, type Tables } from './tables.ts';

/** Units of work run one after the other here: nothing has to be locked. */
export const makeAlertStore = ({ alerts, alertDeliveries, silences }: Tables): AlertStore => ({
  lock: async () => undefined,
  records: async () =>
    select(
      alerts.rows(),
      all,
      byText(({ key }) => key),
    ),
  put: async (records) => {
    for (const record of records) alerts.put(record);
  },
  remove: async (keys) => {
    const gone = new Set(keys);
    for (const key of keys) alerts.remove(key);
    for (const delivery of select(alertDeliveries.rows(), ({ key }) => gone.has(key), byText(deliveryKey)))
      alertDeliveries.remove(deliveryKey(delivery));
  },
  deliveries: async () =>
    select(alertDeliveries.rows(), all, (a, b) => byText(keyOf)(a, b) || byText(({ channel }: typeof a) => channel)(a, b)),
  putDeliveries: async (deliveries) => {
    for (const delivery of deliveries) alertDeliveries.put(delivery);
  },
  silences: async () =>
    select(
      silences.rows(),
      all,
      byText(({ target }) => target),
    ),
  putSilence: async (silence) => silences.put(silence),
  removeSilences: async (targets) => {
    for (const target of targets) silences.remove(target);
  },
});

const all = (): boolean => true;
const keyOf = ({ key }: { readonly key: string }): string => key;

/** By code units, as databases compare texts byte by byte. */
const byText =
  <Row>(textOf: (row: Row) => string) =>
  (a: Row, b: Row): number => {
    const [first, second] = [textOf(a), textOf(b)];
    return first < second ? -1 : first > second ? 1 : 0;
  };
