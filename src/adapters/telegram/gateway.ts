import { Api } from 'telegram/tl/index.js';
import type { ChatId, HealthCheck, MessageId } from '../../domain/index.ts';
import { requireNode } from '../../domain/shared/node-version.ts';
import { present } from '../../domain/shared/present.ts';
import {
  type ChatGateway,
  type Clock,
  type Events,
  type KeyValueState,
  noticesOf,
  type OutgoingMessage,
  PortError,
  type Randomness,
  type SelfPingChannel,
  silentEvents,
} from '../../ports/index.ts';
import { portErrorOf } from './client/errors.ts';
import { canMove, messageNumberOf, TELEGRAM } from './client/ids.ts';
import { readRights } from './client/rights.ts';
import { trustServerKey } from './client/server-key.ts';
import { DEFAULT_TIMING, type FileSettings, type TelegramBase, type TelegramSelf, type TelegramSettings } from './client/settings.ts';
import type { TelegramRights } from './client/telegram-rights.ts';
import { makeReadReplied } from './inbound/read-replied.ts';
import { limitsOf } from './limits.ts';
import { makeReceiving } from './receiving.ts';
import { makeSending } from './sending.ts';

/** The chats of one Telegram account, a bot's or a person's. */
export interface TelegramGateway extends ChatGateway {
  readonly edit: NonNullable<ChatGateway['edit']>;
  /** Who the account is; undefined until it was connected once. */
  self(): TelegramSelf | undefined;
  /** How the connection stands, with what to do when it needs somebody. */
  health(): HealthCheck;
  /** What Telegram lets the account do: in these groups, and with whom. Rejects with PortError. */
  rights(groups: readonly ChatId[]): Promise<TelegramRights>;
  /** The time of an authorised call to Telegram and back, in ms. Rejects with PortError. */
  pingServer(): Promise<number>;
  /** What time it is for Telegram, in ms since 1970, to the second. Rejects with PortError. */
  serverTime(): Promise<number>;
  /** Absent for a bot without an operator's chat: it can't write to itself. */
  readonly selfPingChannel?: SelfPingChannel;
}

export interface TelegramGatewayOptions {
  readonly settings: TelegramSettings;
  /** Holds the session's key, too: a reader of it can act as that account. */
  readonly state: KeyValueState;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Says nothing unless told. */
  readonly events?: Events | undefined;
  /** Whether that message is one of ours, sent by an earlier process perhaps. Asked for replies in groups. */
  readonly isOurs: (chatId: ChatId, messageId: MessageId) => boolean | Promise<boolean>;
  readonly files?: FileSettings;
  /** Where a bot says its self-pings. */
  readonly operatorChat?: ChatId;
}

/**
 * Telegram as a gateway, over one MTProto connection that is opened again when it is lost. `start` resolves when the
 * first status is known, and does not reject for it: `health` tells it. A stopped gateway cannot be started again.
 */
export const makeTelegramGateway = ({
  settings,
  state,
  clock,
  randomness,
  events = silentEvents,
  isOurs,
  files,
  operatorChat,
}: TelegramGatewayOptions): TelegramGateway => {
  requireNode(process.versions.node);
  const notice = noticesOf(events, 'telegram');
  const timing = { ...DEFAULT_TIMING, ...present(settings.timing ?? {}) };
  const base: TelegramBase = { settings, timing, state, clock, randomness, notice };
  if (settings.dc?.publicKeyPem !== undefined) trustServerKey(settings.dc.publicKeyPem);

  const limits = limitsOf(settings.account);
  let begun = false;
  const receiving = makeReceiving(base, {
    isOurs,
    files: present(files ?? {}),
    load: async () => selfPing?.load(),
    onUp: () => void selfPing?.tidy(),
  });
  const { connection, call, peers, self, moved, feed, fetching, handOver, taps } = receiving;
  const isBot = settings.account.kind === 'bot';
  const { outbound, reads, selfPing } = makeSending(base, receiving, {
    partIntervalMs: limits.chatIntervalMs,
    ...present({ operatorChat }),
  });

  /** Telegram lets bots alone have buttons below their messages (https://core.telegram.org/api/bots/buttons). */
  const asSent = (message: OutgoingMessage): OutgoingMessage => {
    if (isBot || !message.buttons) return message;
    const { buttons: _, ...plain } = message;
    return plain;
  };

  return {
    name: TELEGRAM,
    limits,
    canMove,
    start: async (inlet) => {
      if (begun) throw new PortError('invalid-request', 'Telegram is started already', { retryable: false });
      begun = true;
      moved.start(inlet);
      handOver.start(inlet);
      taps.start(inlet);
      await connection.start();
    },
    ...outbound,
    acknowledge: (chatId, messageId) => {
      if (moved.home(chatId) === chatId) reads?.note(chatId, messageNumberOf(messageId));
      return outbound.acknowledge(chatId, messageId);
    },
    fetchAttachments: fetching.fetch,
    readReplied: makeReadReplied({ call, peers, self }),
    send: async (message) => {
      const id = await outbound.send(selfPing?.isPong(message) ? { ...message, silent: true } : asSent(message));
      await selfPing?.delivered(message, id && messageNumberOf(id));
      return id;
    },
    stop: async () => {
      feed.stop();
      reads?.stop();
      await connection.stop();
      await Promise.all([handOver.stop(), taps.stop()]);
      await receiving.acknowledgements.flush();
    },
    self,
    health: connection.health,
    rights: (groups) => readRights({ call, peers, self, home: moved.home }, groups),
    pingServer: async () => {
      const startedAt = clock.now();
      try {
        await call(new Api.updates.GetState());
      } catch (error) {
        throw portErrorOf(error);
      }
      return clock.now() - startedAt;
    },
    serverTime: async () => {
      try {
        return (await call(new Api.help.GetConfig())).date * 1_000 + 500;
      } catch (error) {
        throw portErrorOf(error);
      }
    },
    ...(selfPing ? { selfPingChannel: selfPing } : {}),
  };
};
