import { present } from '../../domain/shared/present.ts';
import type { GatewayState } from '../../ports/index.ts';
import { stateKey, type Tables } from './tables.ts';

export const makeGatewayState = ({ gatewayState }: Tables, gateway: string): GatewayState => ({
  get: async (key) => gatewayState.get(stateKey(gateway, key))?.value,
  set: async (entries) => {
    for (const [key, value] of entries) gatewayState.put({ gateway, key, ...present({ value }) });
  },
  list: async (prefix) =>
    new Map(
      [...gatewayState.rows()].flatMap((row) =>
        row.gateway === gateway && row.key.startsWith(prefix) && row.value !== undefined ? [[row.key, row.value] as const] : [],
      ),
    ),
});
