import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Door, openDoor } from './door.ts';
import { makeExecute } from './execute.ts';
import { type Faults, makeFaults } from './faults.ts';
import type { Recorders, Service } from './methods/call.ts';
import { makePlaces } from './places.ts';
import { makeRecorder, type Recorder } from './recorder.ts';
import { encode, schemaOfLayer } from './tl/codec.ts';
import type { TlObject } from './tl/value.ts';
import { type Connection, openConnection } from './wire/connection.ts';
import { authKeyId } from './wire/crypto.ts';
import { type RsaKey, sharedRsaKey } from './wire/rsa-key.ts';
import { type AuthKey, identityOf, makeAuthKey, type Session, send } from './wire/session.ts';
import type { ProxyRules, TransportName } from './wire/transport.ts';
import type { DifferenceRules } from './world/difference.ts';
import { type Push, userOf } from './world/state.ts';
import { makeWorld, type World } from './world/world.ts';

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

const HOST = '127.0.0.1';

const makeRecorders = (): Recorders => ({
  sent: makeRecorder('sent', ({ message: _, media, ...rest }) => ({ ...rest, ...(media ? { media: media._ } : {}) })),
  edits: makeRecorder('edits', ({ message: _, ...rest }) => rest),
  typing: makeRecorder('typing', (shown) => shown),
  reactions: makeRecorder('reactions', ({ message: _, ...rest }) => rest),
  calls: makeRecorder('calls', ({ method, outcome, userId }) => ({ method, outcome, userId })),
});

const sessionString = (dcId: number, port: number, authKey: Buffer): string => {
  const head = Buffer.alloc(3);
  head.writeUInt8(dcId);
  head.writeInt16BE(HOST.length, 1);
  const portBytes = Buffer.alloc(2);
  portBytes.writeUInt16BE(port);
  return `1${Buffer.concat([head, Buffer.from(HOST), portBytes, authKey]).toString('base64')}`;
};

/** Starts a server on a free port of loopback. It is up when this resolves. */
export const startMtprotoServer = async ({ dcId = 2, beside, rsaKey, now }: ServerOptions = {}): Promise<MtprotoServer> => {
  const world = beside?.world ?? makeWorld({ dcId, ...(now ? { now } : {}) });
  const dataCentres: MtprotoServer['dataCentres'] = beside?.dataCentres ?? new Map();
  const faults = makeFaults(now ? () => now() * 1000 : Date.now);
  const recorders = makeRecorders();
  const rules: DifferenceRules = {
    limit: Number.POSITIVE_INFINITY,
    channelLimit: Number.POSITIVE_INFINITY,
    namesSent: true,
    aheadIsEmpty: false,
    tooLong: false,
    channelTooLong: false,
    channelTooLongBy: 'age',
    channelsToo: false,
  };
  const keys = new Map<bigint, AuthKey>();
  const connections = new Set<Connection>();
  const problems: string[] = [];
  const places = makePlaces();
  const refusals = makeRecorder<number>('refusals', (code) => code);
  let salt = randomBytes(8).readBigInt64LE();
  let door: Door | undefined;
  const otherDoors: Door[] = [];
  const alsoAt: MtprotoServer['alsoAt'] = [];
  const transports = makeRecorder<TransportName>('transports', (name) => name);

  const problem = (what: string, error?: unknown): void => {
    problems.push(error === undefined ? what : `${what}: ${error instanceof Error ? error.stack : String(error)}`);
  };

  const service: Service = {
    world,
    dcId,
    dataCentres: () => [...dataCentres.values(), ...alsoAt],
    rules,
    repeats: 'error',
    codeTimeout: 60,
    passwordChecks: 0,
    shortInSupergroups: false,
    recorders,
    uploads: new Map(),
    randomIds: new Map(),
    keyOf: (id) => keys.get(id),
  };

  const addKey = (bytes: Buffer, firstSalt?: bigint): AuthKey => {
    const key = makeAuthKey(authKeyId(bytes), bytes);
    if (firstSalt !== undefined) key.firstSalt = firstSalt;
    keys.set(key.id, key);
    return key;
  };

  const exchange = {
    rsaKey: async () => rsaKey ?? sharedRsaKey(),
    acceptKey: ({ authKey, salt: firstSalt }: { readonly authKey: Buffer; readonly salt: bigint }) => void addKey(authKey, firstSalt),
    keyOf: (id: bigint) => keys.get(id),
    salt: () => salt,
    isSaltGood: (key: AuthKey, used: bigint) => used === salt || used === key.firstSalt,
    execute: makeExecute({ service, faults, places, problem }),
    isSilent: () => faults.silent,
    problem,
    spoken: transports.record,
    refused: refusals.record,
  };

  const sessionsOf = (userId: number): readonly Session[] =>
    [...keys.values()]
      .filter((key) => identityOf(key).userId === userId)
      .flatMap((key) => [...key.sessions.values()])
      .filter((session) => session.subscribed && session.outlet);

  const tell = ({ userId, updates, origin }: Push): void => {
    const sessions = sessionsOf(userId).filter((session) => session !== origin);
    if (sessions.length === 0) return;
    faults.pass(() => {
      for (const session of sessions)
        send(session, encode(updates, schemaOfLayer(session.key.layer)), { kind: 'notification', needsAck: true });
    });
  };

  const welcome =
    (proxy?: ProxyRules, place?: string) =>
    (socket: Socket): void => {
      const closed = (): void => {
        connections.delete(connection);
        places.leave(connection);
      };
      const connection: Connection = openConnection(socket, place ?? places.here, exchange, closed, proxy);
      connections.add(connection);
    };

  const cutConnections = (): void => {
    for (const connection of [...connections]) connection.cut();
  };

  const goDown = async (): Promise<void> => {
    const closed = door?.close();
    door = undefined;
    cutConnections();
    await closed;
  };

  const close = async (): Promise<void> => {
    world.state.listeners.delete(tell);
    await goDown();
    await Promise.all(otherDoors.map((other) => other.close()));
    cutConnections();
  };

  world.state.listeners.add(tell);
  door = await openDoor({ host: HOST }, welcome());
  const { port } = door;
  dataCentres.set(dcId, { id: dcId, host: HOST, port });

  return {
    ...recorders,
    dcId,
    host: HOST,
    port,
    address: `${HOST}:${port}`,
    world,
    faults,
    rules,
    refusals,
    dataCentres,
    answerRepeatsWith: (answer) => {
      service.repeats = answer;
    },
    answerShortlyInSupergroups: () => {
      service.shortInSupergroups = true;
    },
    allowNextCodeAfter: (seconds) => {
      service.codeTimeout = seconds;
    },
    expirePasswordChecks: () => {
      service.passwordChecks += 1;
    },
    publicKeyPem: async () => (await exchange.rsaKey()).publicKeyPem,
    publicKeyFingerprint: async () => (await exchange.rsaKey()).fingerprint,
    presetSession: (userId) => {
      const authKey = randomBytes(256);
      addKey(authKey).userId = userId;
      return { dcId, host: HOST, port, authKey, sessionString: sessionString(dcId, port, authKey) };
    },
    connections: () => connections.size,
    cutConnections,
    goDown,
    comeUp: async () => {
      door = await openDoor({ host: HOST, port }, welcome());
    },
    alsoAt,
    openDoor: async ({ host = HOST, proxy, place } = {}) => {
      const other = await openDoor({ host }, welcome(proxy, place));
      otherDoors.push(other);
      return other;
    },
    transports,
    tellUpdate: (userId, update) => tell({ userId, updates: { _: 'updateShort', update, date: world.state.now() } }),
    revoke: (userId) => {
      for (const key of keys.values()) if (key.userId === userId) delete key.userId;
    },
    refuse: (userId, error) => {
      userOf(world.state, userId).refusedWith = error;
    },
    allowOnePlaceOnly: (remembersForMs) => {
      places.remembersForMs = remembersForMs;
    },
    clientsComeFrom: (machine) => {
      places.here = machine;
    },
    forgetKeys: () => keys.clear(),
    rotateSalt: () => {
      salt = randomBytes(8).readBigInt64LE();
      for (const key of keys.values()) delete key.firstSalt;
    },
    replayPackets: () => {
      for (const connection of connections) connection.replay();
    },
    tellTooLongInForeignSession: () => {
      for (const connection of connections) connection.sendForeign(encode({ _: 'updatesTooLong' }));
    },
    tellTooLong: (userId) => tell({ userId, updates: { _: 'updatesTooLong' } }),
    assertClean: () => {
      if (problems.length > 0) throw new Error(`the server saw ${problems.length} problems:\n${problems.join('\n')}`);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
};
