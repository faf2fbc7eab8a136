import { createPublicKey } from 'node:crypto';
import { Api, Logger, TelegramClient } from 'telegram';
import { AuthKey } from 'telegram/crypto/AuthKey.js';
import { _serverKeys } from 'telegram/crypto/RSA.js';
import { LogLevel } from 'telegram/extensions/Logger.js';
import { returnBigInt as bigInt } from 'telegram/Helpers.js';
import { MemorySession } from 'telegram/sessions/index.js';
import type { MtprotoServer, PresetSession } from '../index.ts';

export { Api, bigInt };

export interface ProductClient extends AsyncDisposable {
  readonly client: TelegramClient;
  /** Every update that the client hands to a raw handler, in order. */
  readonly updates: readonly Api.TypeUpdate[];
  /** The texts of the new messages among them. */
  texts(): readonly string[];
  /** Resolves once the updates fulfil the condition. */
  until(condition: () => boolean): Promise<void>;
  session(): MemorySession;
}

const DEADLINE_MS = 15_000;

/** Lets the product's client trust the server, as it trusts Telegram's own keys. */
export const trust = async (server: MtprotoServer): Promise<void> => {
  const { n, e } = createPublicKey(await server.publicKeyPem()).export({ format: 'jwk' });
  const number = (base64: string | undefined) => bigInt(BigInt(`0x${Buffer.from(base64 ?? '', 'base64url').toString('hex')}`).toString());
  _serverKeys.set((await server.publicKeyFingerprint()).toString(), { n: number(n), e: number(e).toJSNumber() });
};

/**
 * The product's client, not connected yet: with a preset session, or with none at the server's address. It counts a
 * migration as a retry.
 */
export const makeProductClient = async (server: MtprotoServer, preset?: PresetSession, requestRetries = 1): Promise<ProductClient> => {
  const session = new MemorySession();
  session.setDC(server.dcId, server.host, server.port);
  if (preset) {
    const key = new AuthKey();
    await key.setKey(preset.authKey);
    session.setAuthKey(key);
  }
  const client = new TelegramClient(session, 1, 'hash', {
    baseLogger: new Logger(LogLevel.NONE),
    floodSleepThreshold: 0,
    requestRetries,
    timeout: 2,
  });
  const updates: Api.TypeUpdate[] = [];
  const watchers = new Set<() => void>();
  client.addEventHandler((update: Api.TypeUpdate) => {
    updates.push(update);
    for (const check of [...watchers]) check();
  });
  return {
    client,
    updates,
    texts: () => updates.map(textOf).filter((text) => text !== undefined),
    until: (condition) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          watchers.delete(check);
          reject(new Error(`the client saw only ${updates.map((update) => `${update.className} ${textOf(update) ?? ''}`).join(', ')}`));
        }, DEADLINE_MS);
        const check = (): void => {
          if (!condition()) return;
          clearTimeout(timer);
          watchers.delete(check);
          resolve();
        };
        watchers.add(check);
        check();
      }),
    session: () => session,
    [Symbol.asyncDispose]: () => client.destroy(),
  };
};

export const textOf = (update: object): string | undefined => {
  const message: unknown = 'message' in update ? update.message : undefined;
  if (typeof message === 'string') return message;
  return message instanceof Api.Message &&
    /NewMessage|NewChannelMessage/.test(update.constructor.name + ('className' in update ? update.className : ''))
    ? message.message
    : undefined;
};

/** Connected, and logged in as that user by a preset session; it knows where in the updates it stands. */
export const connectAs = async (server: MtprotoServer, userId: number): Promise<ProductClient> => {
  const made = await makeProductClient(server, server.presetSession(userId));
  await made.client.connect();
  await server.calls.until(({ method, userId: by, outcome }) => method === 'updates.getState' && by === userId && outcome === 'ok');
  return made;
};
