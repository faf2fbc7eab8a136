import { present } from '../../domain/shared/present.ts';
import type { KeyValueState } from '../../ports/index.ts';
import { stateKey, type Tables } from './tables.ts';

export const makeKeyValueState = ({ keyValues }: Tables, owner: string): KeyValueState => ({
  get: async (key) => keyValues.get(stateKey(owner, key))?.value,
  set: async (entries) => {
    for (const [key, value] of entries) keyValues.put({ owner, key, ...present({ value }) });
  },
  list: async (prefix) =>
    new Map(
      [...keyValues.rows()].flatMap((row) =>
        row.owner === owner && row.key.startsWith(prefix) && row.value !== undefined ? [[row.key, row.value] as const] : [],
      ),
    ),
});
