import type { Clock, KeyValueState, Notice, Randomness } from '../../../ports/index.ts';

/** How Telegram is reached, and as whom. */
export interface TelegramSettings {
  /** From https://my.telegram.org. */
  readonly apiId: number;
  readonly apiHash: string;
  readonly account: TelegramAccount;
  /** Another server than Telegram's own. */
  readonly dc?: DcSettings;
  readonly proxy?: ProxySettings;
  /** How packets look on the network; `full` by default. An MTProxy has a form of its own. */
  readonly transport?: 'full' | 'obfuscated';
  /** Whether servers are reached by their IPv6 addresses. */
  readonly ipv6?: boolean;
  /** Shown in the account's list of devices. */
  readonly deviceModel?: string;
  readonly appVersion?: string;
  readonly timing?: Partial<TelegramTiming>;
}

/** A bot signs itself in with its token. A user's session is made by `loginUser`. */
export type TelegramAccount = { readonly kind: 'bot'; readonly token: string } | { readonly kind: 'user' };

export interface DcSettings {
  /** `host:port` */
  readonly address: string;
  /** The server's RSA key, PKCS #1 or SPKI; needed for the first connection. */
  readonly publicKeyPem?: string;
}

/** Through which Telegram is reached. */
export type ProxySettings =
  | {
      readonly kind: 'socks4' | 'socks5';
      readonly host: string;
      readonly port: number;
      readonly username?: string;
      readonly password?: string;
    }
  /** The secret in hexadecimal or base64: 16 bytes, alone or behind `dd`. */
  | { readonly kind: 'mtproxy'; readonly host: string; readonly port: number; readonly secret: string };

export interface TelegramTiming {
  /** The longest that one connection may take to open, key exchange included. */
  readonly openTimeoutMs: number;
  /** The longest that one call may take. */
  readonly callTimeoutMs: number;
  /** How often an open connection is asked whether it lives, and how long it may take to say so. */
  readonly probeIntervalMs: number;
  readonly probeTimeoutMs: number;
  /**
   * Waits between attempts to connect: from `firstMs`, doubling, to `capMs`; each is shortened by chance, by up to a
   * half.
   */
  readonly reconnectFirstMs: number;
  readonly reconnectCapMs: number;
  /** How long an update that came too early waits for those before it. */
  readonly gapPatienceMs: number;
  /** How long it rests between two groups that are asked for what they may have missed, though nothing says so. */
  readonly groupRoundMs: number;
  /** How long an album waits for its next part. */
  readonly albumPatienceMs: number;
  /** The longest that one file may take to download. */
  readonly downloadTimeoutMs: number;
}

export const DEFAULT_TIMING: TelegramTiming = {
  openTimeoutMs: 30_000,
  callTimeoutMs: 20_000,
  probeIntervalMs: 30_000,
  probeTimeoutMs: 10_000,
  reconnectFirstMs: 500,
  reconnectCapMs: 30_000,
  gapPatienceMs: 500,
  groupRoundMs: 100,
  albumPatienceMs: 700,
  downloadTimeoutMs: 120_000,
};

/** What every part of the adapter stands on. */
export interface TelegramBase {
  readonly settings: TelegramSettings;
  readonly timing: TelegramTiming;
  readonly state: KeyValueState;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly notice: Notice;
}

/** Who we are on Telegram. */
export interface TelegramSelf {
  readonly id: number;
  readonly username?: string;
  readonly isBot: boolean;
  /** A bot that is told of commands, mentions and replies to it alone, in groups where it is no admin. */
  readonly privacyMode?: true;
}

export interface FileSettings {
  /** What is said in a voice message, from its file (absolute path). */
  readonly transcribe?: (file: string) => Promise<string>;
}
