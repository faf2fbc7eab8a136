import { isIPv6 } from 'node:net';
import { PROD_DC_IPV4, PROD_DC_IPV6 } from 'telegram/client/telegramBaseClient.js';
import { Api } from 'telegram/tl/index.js';
import { z } from 'zod';
import { reasonOf } from '../../../ports/index.ts';
import { sameHost } from './hosts.ts';
import type { Call } from './link.ts';
import { firstStart, type StoredSession } from './session.ts';
import type { TelegramBase } from './settings.ts';
import { updatesIn } from './updates-in.ts';

/**
 * Where Telegram's data centres are, as Telegram itself has told last (https://core.telegram.org/api/datacenter).
 * Addresses change: one that fails is replaced by another of its data centre.
 */
export interface Addresses {
  /**
   * The session at the address to try after so many failures in a row: the first is the best, the last is followed by
   * the first.
   */
  placed(session: StoredSession, failures: number): Promise<StoredSession>;
  /**
   * Asks Telegram over a connection, where it has told nothing for a day, or that something has changed. Does not
   * reject.
   */
  refresh(call: Call): Promise<void>;
  /** Takes in what updates tell; true where Telegram has to be asked. */
  heed(updates: Api.TypeUpdates): boolean;
}

const KEY = 'addresses';
const REFRESH_MS = 24 * 60 * 60_000;

const optionSchema = z.object({
  dcId: z.number(),
  host: z.string(),
  port: z.number(),
  /** Good behind a proxy: it does not change. */
  fixed: z.boolean(),
  /** Takes the obfuscated transport only. */
  obfuscatedOnly: z.boolean(),
});
type Option = z.output<typeof optionSchema>;
const storedSchema = z.object({ at: z.number(), from: z.string(), options: z.array(optionSchema) });
type Told = z.output<typeof storedSchema>;

/** Servers for files alone hold no account, and those that want a secret are for apps that were given one. */
const read = (options: readonly Api.TypeDcOption[]): readonly Option[] =>
  options
    .filter(({ mediaOnly, cdn, secret }) => !mediaOnly && !cdn && !secret?.length)
    .map(({ id, ipAddress, port, static: fixed, tcpoOnly }) => ({
      dcId: id,
      host: ipAddress,
      port,
      fixed: fixed === true,
      obfuscatedOnly: tcpoOnly === true,
    }));

export const makeAddresses = ({ settings, state, clock, notice }: TelegramBase): Addresses => {
  const { dc, ipv6 = false, proxy, transport } = settings;
  const from = dc?.address ?? 'telegram';
  let told: Told | undefined;
  let isStale = false;

  const load = async (): Promise<Told | undefined> => {
    if (told) return told;
    const text = await state.get(KEY);
    const stored = text === undefined ? undefined : storedSchema.parse(JSON.parse(text));
    if (stored?.from === from) told = stored;
    return told;
  };

  const store = async (options: readonly Option[]): Promise<void> => {
    told = { at: clock.now(), from, options: [...options] };
    isStale = false;
    await state.set(new Map([[KEY, JSON.stringify(told)]]));
  };

  const fits = (host: string): boolean => isIPv6(host) === ipv6;

  const optionsOf = async (dcId: number): Promise<readonly { readonly host: string; readonly port: number }[]> => {
    const all = ((await load())?.options ?? []).filter(
      (option) => option.dcId === dcId && fits(option.host) && (transport === 'obfuscated' || !option.obfuscatedOnly),
    );
    const fixed = proxy ? all.filter((option) => option.fixed) : [];
    return fixed.length > 0 ? fixed : all;
  };

  /** What is known of Telegram's own without being told. */
  const seedsOf = (dcId: number): readonly { readonly host: string; readonly port: number }[] => {
    const host = dc ? undefined : (ipv6 ? PROD_DC_IPV6 : PROD_DC_IPV4)[dcId];
    return host === undefined ? [] : [{ host, port: 443 }];
  };

  return {
    placed: async (session, failures) => {
      const { dcId, host, port } = session;
      const isSession = (other: { readonly host: string; readonly port: number }): boolean =>
        sameHost(other.host, host) && other.port === port;
      const options = await optionsOf(dcId);
      const isConfigured = dc !== undefined && isSession(firstStart(settings));
      const isGood = isConfigured || (fits(host) && (options.length === 0 || options.some(isSession)));
      const others = [...options, ...seedsOf(dcId)].filter((option) => !isSession(option));
      const all = isGood ? [session, ...others] : [...others, session];
      const { host: next, port: nextPort } = all[failures % all.length] ?? session;
      return { ...session, host: next, port: nextPort };
    },
    refresh: async (call) => {
      try {
        const known = await load();
        if (known && !isStale && clock.now() - known.at < REFRESH_MS) return;
        await store(read((await call(new Api.help.GetConfig())).dcOptions));
      } catch (error) {
        notice('addresses-unknown', { reason: reasonOf(error) });
      }
    },
    heed: (updates) => {
      const changed = updatesIn(updates).some((update) => update instanceof Api.UpdateDcOptions || update instanceof Api.UpdateConfig);
      isStale ||= changed;
      return changed;
    },
  };
};
