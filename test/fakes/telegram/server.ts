import { randomBytes } from 'node:crypto';
import { present } from '../../../src/domain/shared/present.ts';
import { makeExecute } from './execute.ts';
import { type FaultsWithOutlet, makeFaults } from './faults.ts';
import { type Keys, makeKeys, sessionString } from './keys.ts';
import { type Listening, listen } from './listening.ts';
import type { Recorders, Service } from './methods/call.ts';
import type { MtprotoServer, ServerOptions } from './mtproto-server.ts';
import { makePlaces, type Places } from './places.ts';
import { makeRecorder } from './recorder.ts';
import { encode } from './tl/codec.ts';
import { sharedRsaKey } from './wire/rsa-key.ts';
import { send } from './wire/session.ts';
import type { TransportName } from './wire/transport.ts';
import type { DifferenceRules } from './world/difference.ts';
import { type Push, userOf } from './world/state.ts';
import { makeWorld } from './world/world.ts';

const HOST = '127.0.0.1';

const makeRecorders = (): Recorders => ({
  sent: makeRecorder('sent', ({ message: _, media, ...rest }) => ({ ...rest, ...present({ media: media?._ }) })),
  edits: makeRecorder('edits', ({ message: _, ...rest }) => rest),
  typing: makeRecorder('typing', (shown) => shown),
  reactions: makeRecorder('reactions', ({ message: _, ...rest }) => rest),
  answered: makeRecorder('answered', (answer) => answer),
  previews: makeRecorder('previews', (preview) => preview),
  calls: makeRecorder('calls', ({ method, outcome, userId }) => ({ method, outcome, userId })),
});

/** Differences that tell everything at once. */
const makeRules = (): DifferenceRules => ({
  limit: Number.POSITIVE_INFINITY,
  channelLimit: Number.POSITIVE_INFINITY,
  namesSent: true,
  aheadIsEmpty: false,
  tooLong: false,
  channelTooLong: false,
  channelTooLongBy: 'age',
  channelsToo: false,
});

/** Tells the sessions of a user of an update, except the one whose own call made it. */
const makeTell =
  (keys: Keys, faults: FaultsWithOutlet) =>
  ({ userId, updates, origin }: Push): void => {
    const sessions = keys.sessionsOf(userId).filter((session) => session !== origin);
    if (sessions.length === 0) return;
    faults.pass(() => {
      for (const session of sessions) send(session, encode(updates), { kind: 'notification', needsAck: true });
    });
  };

/** The settings of the server, beside its world and its faults. */
const settingsOf = (service: Service, places: Places) => ({
  answerRepeatsWith: (answer: Service['repeats']): void => {
    service.repeats = answer;
  },
  answerShortlyInSupergroups: (): void => {
    service.shortInSupergroups = true;
  },
  allowNextCodeAfter: (seconds: number): void => {
    service.codeTimeout = seconds;
  },
  expirePasswordChecks: (): void => {
    service.passwordChecks += 1;
  },
  refuse: (userId: number, error: string): void => {
    userOf(service.world.state, userId).refusedWith = error;
  },
  allowOnePlaceOnly: (remembersForMs: number): void => {
    places.remembersForMs = remembersForMs;
  },
  clientsComeFrom: (machine: string): void => {
    places.here = machine;
  },
});

/** Accidents of connections and keys. */
const accidentsOf = ({ connections, cut, goDown, comeUp }: Listening, keys: Keys) => ({
  connections: (): number => connections.size,
  cutConnections: cut,
  goDown,
  comeUp,
  revoke: keys.revoke,
  forgetKeys: keys.clear,
  rotateSalt: keys.rotateSalt,
  replayPackets: (): void => {
    for (const connection of connections) connection.replay();
  },
  tellTooLongInForeignSession: (): void => {
    for (const connection of connections) connection.sendForeign(encode({ _: 'updatesTooLong' }));
  },
});

/** Starts a server on a free port of loopback. It is up when this resolves. */
export const startMtprotoServer = async ({ dcId = 2, beside, rsaKey, now }: ServerOptions = {}): Promise<MtprotoServer> => {
  const world = beside?.world ?? makeWorld({ dcId, ...present({ now }) });
  const dataCentres: MtprotoServer['dataCentres'] = beside?.dataCentres ?? new Map();
  const faults = makeFaults(now ? () => now() * 1000 : Date.now);
  const recorders = makeRecorders();
  const rules = makeRules();
  const keys = makeKeys();
  const problems: string[] = [];
  const places = makePlaces();
  const refusals = makeRecorder<number>('refusals', (code) => code);
  const transports = makeRecorder<TransportName>('transports', (name) => name);
  const alsoAt: MtprotoServer['alsoAt'] = [];
  const publicKey = async () => rsaKey ?? sharedRsaKey();

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
    keyOf: keys.get,
  };

  const exchange = {
    rsaKey: publicKey,
    acceptKey: ({ authKey, salt }: { readonly authKey: Buffer; readonly salt: bigint }) => void keys.add(authKey, salt),
    keyOf: keys.get,
    salt: keys.salt,
    isSaltGood: keys.isSaltGood,
    execute: makeExecute({ service, faults, places, problem }),
    isSilent: () => faults.silent,
    problem,
    spoken: transports.record,
    refused: refusals.record,
  };

  const tell = makeTell(keys, faults);
  world.state.listeners.add(tell);
  const listening = await listen(HOST, exchange, places);
  const { port } = listening;
  dataCentres.set(dcId, { id: dcId, host: HOST, port });

  const close = async (): Promise<void> => {
    world.state.listeners.delete(tell);
    await listening.close();
  };

  return {
    ...recorders,
    ...settingsOf(service, places),
    ...accidentsOf(listening, keys),
    dcId,
    host: HOST,
    port,
    address: `${HOST}:${port}`,
    world,
    faults,
    rules,
    refusals,
    transports,
    dataCentres,
    alsoAt,
    publicKeyPem: async () => (await publicKey()).publicKeyPem,
    publicKeyFingerprint: async () => (await publicKey()).fingerprint,
    presetSession: (userId) => {
      const authKey = randomBytes(256);
      keys.add(authKey).userId = userId;
      return { dcId, host: HOST, port, authKey, sessionString: sessionString(dcId, HOST, port, authKey) };
    },
    openDoor: listening.open,
    tellUpdate: (userId, update) => tell({ userId, updates: { _: 'updateShort', update, date: world.state.now() } }),
    tellTooLong: (userId) => tell({ userId, updates: { _: 'updatesTooLong' } }),
    assertClean: () => {
      if (problems.length > 0) throw new Error(`the server saw ${problems.length} problems:\n${problems.join('\n')}`);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
};
