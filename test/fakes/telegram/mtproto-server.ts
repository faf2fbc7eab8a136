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
  /** Another data centre of the same Telegram: both know the same world, and name each other in their configuration. */
  readonly beside?: MtprotoServer;
  readonly rsaKey?: RsaKey;
  /** Seconds since 1970. */
  readonly now?: () => number;
}

/** What a client needs to go on as somebody who is logged in already, without any handshake. */
export interface PresetSession {
  readonly dcId: number;
  readonly host: string;
  readonly port: number;
  /** 256 bytes. */
  readonly authKey: Buffer;
  /**
   * As a string session of the product's client. Its port is a signed 16-bit number there: pass the real one by other
   * means.
   */
  readonly sessionString: string;
}

type Recorded = { readonly [K in keyof Recorders]: Recorders[K] extends Recorder<infer T> ? Recorder<T> : never };

/** A Telegram of one's own on loopback: protocol, world and misfortune. */
export interface MtprotoServer extends Recorded, AsyncDisposable {
  readonly dcId: number;
  readonly host: string;
  readonly port: number;
  /** `host:port` */
  readonly address: string;
  readonly world: World;
  readonly faults: Faults;
  /** How differences are cut, and when they give up. May be changed at any time. */
  readonly rules: DifferenceRules;
  /** How a `random_id` that comes again is answered: with RANDOM_ID_DUPLICATE (at first), or with what came of it. */
  answerRepeatsWith(answer: 'error' | 'original'): void;
  /** A plain text sent to a supergroup is answered in the short form, which does not say where it is. */
  answerShortlyInSupergroups(): void;
  /** After how many seconds another login code may be asked for; 60 at first. */
  allowNextCodeAfter(seconds: number): void;
  /** Makes the parameters of every password check stale, as they get by themselves after a while. */
  expirePasswordChecks(): void;
  /** The key that clients must know for a key exchange, as PEM. */
  publicKeyPem(): Promise<string>;
  /** What the client knows that key by. */
  publicKeyFingerprint(): Promise<bigint>;
  presetSession(userId: number): PresetSession;
  /** The codes of messages that were sent back unread: 48 for a wrong salt, 16 and 17 for a wrong clock, … */
  readonly refusals: Recorder<number>;
  /** How many connections are open now. */
  connections(): number;
  /** Breaks every connection; the listener goes on. */
  cutConnections(): void;
  /** Addresses that the configuration names besides. May be changed at any time. */
  readonly alsoAt: { readonly id: number; readonly host: string; readonly port: number }[];
  /**
   * Listens at another address, or as an MTProxy; the configuration does not name it by itself. Who comes in there is
   * at `place`, if one is named.
   */
  openDoor(options?: { readonly host?: string; readonly proxy?: ProxyRules; readonly place?: string }): Promise<Door>;
  /** How each connection framed its packets. */
  readonly transports: Recorder<TransportName>;
  /** Tells every session of the user one update that has no number. */
  tellUpdate(userId: number, update: TlObject): void;
  /** Refuses connections, after it has cut those that there are, until `comeUp`. */
  goDown(): Promise<void>;
  /** Listens on the same port again. */
  comeUp(): Promise<void>;
  /** Logs the user out everywhere: the next call answers AUTH_KEY_UNREGISTERED. */
  revoke(userId: number): void;
  /** Answers every call of the account with that error from now on, the opening of a connection too. */
  refuse(userId: number, error: string): void;
  /**
   * A key may be used from one place only: from another one, while the first is connected or was so within
   * `remembersForMs`, it is answered AUTH_KEY_DUPLICATED and is dead.
   */
  allowOnePlaceOnly(remembersForMs: number): void;
  /** Connections that are opened from now on come from that machine. */
  clientsComeFrom(machine: string): void;
  /** Forgets every key: clients are told -404. */
  forgetKeys(): void;
  /** Changes the salt: the next message of each client must be sent again with the new one. */
  rotateSalt(): void;
  /** Sends the last packet of each session once more, as whoever has listened could. */
  replayPackets(): void;
  /** Tells every client to catch up, in a packet of a session that is not its own. */
  tellTooLongInForeignSession(): void;
  /** Tells every session of the user to catch up (`updatesTooLong`). */
  tellTooLong(userId: number): void;
  /** Throws where a client broke the protocol, called a method that is not here, or the server itself failed. */
  assertClean(): void;
  close(): Promise<void>;
  /** By id, as the configuration names them. May be changed at any time. */
  readonly dataCentres: Map<number, { readonly id: number; readonly host: string; readonly port: number }>;
}
