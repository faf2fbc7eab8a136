import type { AlertDelivery, AlertSilence } from '../../domain/alert/delivery.ts';
import type { AlertRecord } from '../../domain/alert/evaluate.ts';

/**
 * What is known of alerts, what each channel got of them, and which are silenced. Rules bound how many there are:
 * each list is whole.
 */
export interface AlertStore {
  /**
   * Waits until no other unit of work holds the alerts, and holds them until this one ends: what is read then is what
   * is changed. Outside of a unit of work, nothing is held.
   */
  lock(): Promise<void>;
  /** By key. */
  records(): Promise<readonly AlertRecord[]>;
  /** Stores these records, in the place of those with the same keys. */
  put(records: readonly AlertRecord[]): Promise<void>;
  /** Forgets these alerts, and what channels got of them. */
  remove(keys: readonly string[]): Promise<void>;
  /** By key, then by channel. */
  deliveries(): Promise<readonly AlertDelivery[]>;
  /** Stores these deliveries, in the place of those with the same key and channel. */
  putDeliveries(deliveries: readonly AlertDelivery[]): Promise<void>;
  /** By target. */
  silences(): Promise<readonly AlertSilence[]>;
  /** Stores a silence, in the place of the one of the same target. */
  putSilence(silence: AlertSilence): Promise<void>;
  removeSilences(targets: readonly string[]): Promise<void>;
}
