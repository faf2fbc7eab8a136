import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { systemClock, systemRandomness } from '../../../src/adapters/system/index.ts';
import { saveSession } from '../../../src/adapters/telegram/client/session.ts';
import {
  makeTelegramGateway,
  type TelegramGateway,
  type TelegramGatewayOptions,
  type TelegramSettings,
} from '../../../src/adapters/telegram/index.ts';
import { makeDeliverInbound } from '../../../src/application/inbox/deliver-inbound.ts';
import { type DeletedMessages, type InboxMessage, type IncomingMessage, present } from '../../../src/domain/index.ts';
import { withFetched } from '../../../src/domain/message/with-fetched.ts';
import type { ButtonTap, Clock, KeyValueState, MovedChat, OutgoingMessage } from '../../../src/ports/index.ts';
import { buildRecord, type LogLine, makeRecordingLogger, numberIn, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { type MtprotoServer, startMtprotoServer } from '../../fakes/telegram/index.ts';
import { logged as toLog } from '../../support/logged.ts';

export const BOT = 500;
export const ACCOUNT = 600;
export const ANN = 101;
export const BEN = 102;
export const TOKEN = `${BOT}:of-the-test`;
export const GROUP = 7;
export const SUPERGROUP = 1_500_000_008;

/** A person or process that watches something change. */
export const makeWatch = () => {
  const checks = new Set<() => void>();
  return {
    changed: (): void => {
      for (const check of [...checks]) check();
    },
    until: (what: string, condition: () => boolean, timeoutMs = 15_000): Promise<void> =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          clearTimeout(timer);
          clearInterval(poll);
          checks.delete(check);
        };
        const timer = setTimeout(() => {
          end();
          reject(new Error(`not within ${timeoutMs} ms: ${what}`));
        }, timeoutMs);
        const check = (): void => {
          if (!condition()) return;
          end();
          resolve();
        };
        // For what changes without a word.
        const poll = setInterval(check, 10);
        checks.add(check);
        check();
      }),
  };
};

export interface Life {
  readonly gateway: TelegramGateway;
  readonly received: readonly IncomingMessage[];
  readonly erased: readonly DeletedMessages[];
  readonly texts: () => readonly string[];
  /** What fetches of files have rejected with. */
  readonly failures: unknown[];
  readonly end: () => Promise<void>;
  readonly lines: readonly LogLine[];
  readonly until: (what: string, condition: () => boolean, timeoutMs?: number) => Promise<void>;
  readonly untilReceived: (...texts: readonly string[]) => Promise<void>;
  /** The moves of groups, each as often as it was told. */
  readonly moved: readonly MovedChat[];
  /** What was taken in, in order: texts of messages, and ids of groups that others have become. */
  readonly order: readonly string[];
  /** Lets the receiver fail as long as it is set. */
  refuse: (message: IncomingMessage) => boolean;
  refuseErasure: (deleted: DeletedMessages) => boolean;
  /** Likewise for moves. */
  refuseMove: () => boolean;
}

export interface FileOptions {
  /** Where the files of that message are kept; those of others are not fetched. */
  readonly directoryOf?: (message: IncomingMessage) => string | undefined;
  readonly maxFileBytes?: number;
}

export interface TapOptions {
  /** What becomes of taps; by default nothing waits for one. */
  readonly tapped?: (tap: ButtonTap) => Promise<string>;
}

export interface Stage {
  readonly server: MtprotoServer;
  readonly state: KeyValueState;
  readonly settings: TelegramSettings;
  /** A process with the gateway begins; several one after the other share the state. */
  start(options?: Partial<TelegramGatewayOptions> & FileOptions & TapOptions): Promise<Life>;
  stop(life: Life): Promise<void>;
  /** Those that have not started yet, too. */
  stopAll(): Promise<void>;
}

/** Faster than life, and patient enough for a busy machine. */
export const TIMING = {
  callTimeoutMs: 1_500,
  openTimeoutMs: 5_000,
  reconnectFirstMs: 20,
  reconnectCapMs: 200,
  gapPatienceMs: 100,
  groupRoundMs: 10,
  albumPatienceMs: 150,
};

export interface StageOptions {
  readonly account?: 'bot' | 'user';
  /** Of the bot. */
  readonly privacyMode?: boolean;
  /** Without one, the bot signs in for itself. */
  readonly preset?: boolean;
  readonly timing?: TelegramSettings['timing'];
  readonly clock?: Clock;
  /** Telegram's clock, in seconds since 1970. */
  readonly now?: () => number;
}

const addPeople = (world: MtprotoServer['world'], privacyMode: boolean): void => {
  world.addUser({ id: BOT, username: 'kept_bot', firstName: 'Kept', isBot: true, token: TOKEN, privacyMode });
  world.addUser({ id: ACCOUNT, username: 'kept_person', firstName: 'Kept', phone: '+99966' });
  world.addUser({ id: ANN, username: 'ann', firstName: 'Ann' });
  world.addUser({ id: BEN, username: 'ben', firstName: 'Ben' });
  world.addGroup({ id: GROUP, title: 'Basic', members: [ANN, BEN, BOT, ACCOUNT] });
  world.addSupergroup({ id: SUPERGROUP, title: 'Super', members: [ANN, BEN, BOT, ACCOUNT] });
};

/**
 * A Telegram with a few people in it, and our account's processes. Every process is stopped in the end, and the server
 * must have nothing to complain of.
 */
export const onStage = async (
  { account = 'bot', privacyMode = false, preset = true, timing, clock = systemClock, now }: StageOptions,
  use: (stage: Stage) => Promise<void>,
): Promise<void> => {
  const server = await startMtprotoServer(now ? { now } : {});
  addPeople(server.world, privacyMode);
  const state = makeMemoryStorage().state('telegram');
  const settings: TelegramSettings = {
    apiId: 1,
    apiHash: 'hash',
    timing: { ...TIMING, ...timing },
    account: account === 'bot' ? { kind: 'bot', token: TOKEN } : { kind: 'user' },
    dc: { address: server.address, publicKeyPem: await server.publicKeyPem() },
  };
  if (preset) {
    const { dcId, host, port, authKey } = server.presetSession(account === 'bot' ? BOT : ACCOUNT);
    await saveSession(state, settings, { dcId, host, port, authKey: authKey.toString('base64') });
  }
  const running = new Set<Life>();
  /** Repeats of the inlet come sooner than in life. */
  const hurried: Clock = { ...clock, after: (ms, act) => clock.after(ms / 20, act) };
  const stage: Stage = {
    server,
    state,
    settings,
    start: async ({ directoryOf = () => undefined, maxFileBytes = 1_000_000, tapped, ...options } = {}) => {
      const watch = makeWatch();
      const logger = makeRecordingLogger();
      const received: IncomingMessage[] = [];
      const erased: DeletedMessages[] = [];
      const moved: MovedChat[] = [];
      const order: string[] = [];
      const gateway = makeTelegramGateway({
        settings,
        state,
        clock,
        randomness: systemRandomness,
        events: toLog(logger),
        isOurs: () => false,
        ...options,
      });
      const texts = () => received.map(({ text }) => text);
      const life: Life = {
        gateway,
        received,
        erased,
        moved,
        order,
        texts,
        lines: logger.lines,
        failures: [],
        end: async () => {
          stopping.abort();
          await Promise.all([inlet.stop(), gateway.stop()]);
        },
        until: watch.until,
        refuse: () => false,
        refuseErasure: () => false,
        refuseMove: () => false,
        untilReceived: (...wanted) =>
          watch
            .until('messages', () => wanted.every((text) => texts().includes(text)))
            .catch(() => {
              throw new Error(`received only ${JSON.stringify(texts())} of ${JSON.stringify(wanted)}\n${logged(life)}`);
            }),
      };
      running.add(life);
      const erase = async (deleted: DeletedMessages): Promise<void> => {
        if (life.refuseErasure(deleted)) throw new Error('storage is full');
        erased.push(deleted);
        watch.changed();
      };
      const stopping = new AbortController();
      /** As the application does it: the message is there before its files are. */
      const fetch = async (at: number, message: IncomingMessage, directory: string): Promise<void> => {
        const fetched = await gateway.fetchAttachments?.(message, { directory, maxBytes: maxFileBytes, signal: stopping.signal });
        const { attachments: _, ...rest } = message;
        received[at] = { ...rest, ...present(withFetched(message, fetched ?? [])) };
        watch.changed();
      };
      const receive = async (message: IncomingMessage): Promise<InboxMessage> => {
        if (life.refuse(message)) throw new Error('storage is full');
        const { attachments, ...rest } = message;
        const directory = attachments && directoryOf(message);
        const at = received.push(rest) - 1;
        if (directory !== undefined) fetch(at, message, directory).catch((error) => life.failures.push(error));
        order.push(message.text);
        watch.changed();
        return buildRecord(message);
      };
      const followMove = async (chat: MovedChat): Promise<void> => {
        if (life.refuseMove()) throw new Error('storage is full');
        moved.push(chat);
        order.push(chat.to);
        watch.changed();
      };
      const inlet = makeDeliverInbound({ receive, erase, followMove, ...present({ tapped }), clock: hurried, events: toLog(logger) });
      await gateway.start(inlet);
      return life;
    },
    stopAll: async () => {
      const all = [...running];
      running.clear();
      await Promise.all(all.map(({ end }) => end()));
    },
    stop: async (life) => {
      running.delete(life);
      await life.end();
    },
  };
  try {
    await use(stage);
    server.assertClean();
  } finally {
    await Promise.all([...running].map(({ end }) => end()));
    await server.close();
  }
};

export const logged = ({ lines }: Life): string =>
  lines.map(({ level, message, fields }) => `${level} ${message} ${JSON.stringify(fields)}`).join('\n');

let lastRandomId = 1_000n;

/** An answer to send, with a random id of its own. */
export const answer = (chat: number, text: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage => {
  lastRandomId += 1n;
  return { chatId: telegramChat(chat), text, answers: [], deliveryKey: lastRandomId.toString(), ...more };
};

/** Sends it, and gives the number of the message that it became. */
export const delivered = async ({ gateway }: Life, message: OutgoingMessage): Promise<number> => {
  const id = await gateway.send(message);
  if (id === undefined) throw new Error('nobody knows which message it became');
  return numberIn(id);
};

/** The number under which that text was received; 0 where it was not. */
export const numberOf = ({ received }: Pick<Life, 'received'>, text: string): number => {
  const message = received.find((each) => each.text === text);
  return message ? numberIn(message.messageId) : 0;
};

/** Marked ids, as the world and Telegram's calls name these groups. */
export const supergroupId = -1_000_000_000_000 - SUPERGROUP;
export const groupId = -GROUP;
export const replyTo = (id: number) => ({ replyTo: telegramMessage(id), answers: [telegramMessage(id)] });
