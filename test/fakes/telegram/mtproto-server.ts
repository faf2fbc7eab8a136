import type { Door } from './door.ts';
import type { Faults } from './faults.ts';
import type { Recorders } from './methods/call.ts';
import type { Recorder } from './recorder.ts';
import type { TlObject } from './tl/value.ts';
import type { RsaKey } from './wire/rsa-key.ts';
import type { ProxyRules, TransportName } from './wire/transport.ts';
import type { DifferenceRules } from './world/difference.ts';
import type { World } from './world/world.ts';

export interface ServerOptions {
  readonly dcId?: number;
  /** Another data centre of the same Telegram: both share one world, and name each other in their configuration. */
  readonly beside?: MtprotoServer;
  readonly rsaKey?: RsaKey;
  /** Seconds since 1970. */
  readonly now?: () => number;
}

/** What a client needs to continue as a user who is logged in, without a key exchange. */
export interface PresetSession {
  readonly dcId: number;
  readonly host: string;
  readonly port: number;
  /** 256 bytes. */
  readonly authKey: Buffer;
  /**
   * A string session of the product's client. It holds the port as a signed 16-bit number, so pass the real port by
   * other means.
   */
  readonly sessionString: string;
}

type Recorded = { readonly [K in keyof Recorders]: Recorders[K] extends Recorder<infer T> ? Recorder<T> : never };

/** A Telegram on loopback: protocol, world and faults. */
export interface MtprotoServer extends Recorded, AsyncDisposable {
  readonly dcId: number;
  readonly host: string;
  readonly port: number;
  /** `host:port` */
  readonly address: string;
  readonly world: World;
  readonly faults: Faults;
  /** How differences are cut, and when they are too long. Can be changed at any time. */
  readonly rules: DifferenceRules;
  /** Sets the answer to a repeated `random_id`: RANDOM_ID_DUPLICATE (the default), or the message that it became. */
  answerRepeatsWith(answer: 'error' | 'original'): void;
  /** Answers a plain text to a supergroup in the short form, which does not name the chat. */
  answerShortlyInSupergroups(): void;
  /** Sets the seconds after which another login code can be requested; the default is 60. */
  allowNextCodeAfter(seconds: number): void;
  /** Expires the parameters of every password check, which real ones do after a while. */
  expirePasswordChecks(): void;
  /** The key that clients must know for a key exchange, as PEM. */
  publicKeyPem(): Promise<string>;
  /** The fingerprint by which the client knows that key. */
  publicKeyFingerprint(): Promise<bigint>;
  presetSession(userId: number): PresetSession;
  /** The error codes of refused messages: 48 for a wrong salt, 16 and 17 for a wrong clock, … */
  readonly refusals: Recorder<number>;
  /** The number of open connections. */
  connections(): number;
  /** Breaks every connection; the listener goes on. */
  cutConnections(): void;
  /** Further addresses in the configuration. Can be changed at any time. */
  readonly alsoAt: { readonly id: number; readonly host: string; readonly port: number }[];
  /**
   * Listens at another address, or as an MTProxy. The configuration does not name it. Clients that connect there are at
   * `place`, if one is named.
   */
  openDoor(options?: { readonly host?: string; readonly proxy?: ProxyRules; readonly place?: string }): Promise<Door>;
  /** The transport of each connection. */
  readonly transports: Recorder<TransportName>;
  /** Sends every session of the user one update without pts. */
  tellUpdate(userId: number, update: TlObject): void;
  /** Cuts all connections, and refuses new ones until `comeUp`. */
  goDown(): Promise<void>;
  /** Listens on the same port again. */
  comeUp(): Promise<void>;
  /** Logs the user out everywhere: the next call answers AUTH_KEY_UNREGISTERED. */
  revoke(userId: number): void;
  /** Answers every further call of the account with that error, including the opening of a connection. */
  refuse(userId: number, error: string): void;
  /**
   * Allows a key in one place only. From another place, while the first is connected or was so within `remembersForMs`,
   * the key is answered AUTH_KEY_DUPLICATED and is invalid.
   */
  allowOnePlaceOnly(remembersForMs: number): void;
  /** Names the machine from which later connections come. */
  clientsComeFrom(machine: string): void;
  /** Forgets every key: clients receive error -404. */
  forgetKeys(): void;
  /** Changes the salt: the next message of each client must be sent again with the new one. */
  rotateSalt(): void;
  /** Sends the last packet of each session once more, as an eavesdropper could. */
  replayPackets(): void;
  /** Tells every client to catch up, in a packet of a session that is not its own. */
  tellTooLongInForeignSession(): void;
  /** Tells every session of the user to catch up (`updatesTooLong`). */
  tellTooLong(userId: number): void;
  /**
   * Throws if a client broke the protocol or called a method that does not exist here, or if the server itself failed.
   */
  assertClean(): void;
  close(): Promise<void>;
  /** The data centres in the configuration, by id. Can be changed at any time. */
  readonly dataCentres: Map<number, { readonly id: number; readonly host: string; readonly port: number }>;
}
