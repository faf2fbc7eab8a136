import type { LocalChat } from '../../adapters/local-chat/index.ts';
import { TELEGRAM } from '../../adapters/telegram/client/ids.ts';
import type { TelegramGateway } from '../../adapters/telegram/index.ts';
import type { SelfPing } from '../../application/index.ts';
import type { AccessPolicy } from '../../domain/index.ts';
import { commandHint, DEFAULT_LOCAL_CHAT, gatewayOf, LOCAL } from '../../domain/index.ts';
import type { Clock, Finding, HealthProbe } from '../../ports/index.ts';
import { type Answer, type Asking, asking } from './asking.ts';
import type { LastHeard } from './last-heard.ts';
import { leaderProbe } from './leader-probe.ts';
import { noTelegram } from './telegram-reach.ts';
import { configuredGroups, rightsFinding } from './telegram-rights.ts';

/** What the probes of a process ask of the bot that answers in it. */
export interface AnsweringBot {
  readonly telegram: Pick<TelegramGateway, 'name' | 'health' | 'pingServer' | 'rights'> | undefined;
  readonly selfPing: Pick<SelfPing, 'ping'>;
  readonly localChat: Pick<LocalChat, 'list'>;
}

type Telegram = NonNullable<AnsweringBot['telegram']>;

export interface GatewayProbesParts {
  /** Undefined while this process stands by. */
  readonly bot: () => Promise<AnsweringBot | undefined>;
  /** The process that answers, if known. Absent where no other bot can. */
  readonly leader: () => (() => string | undefined) | undefined;
  readonly policy: AccessPolicy;
  readonly hasTelegram: boolean;
  readonly heard: LastHeard;
  readonly clock: Pick<Clock, 'now'>;
}

const PING_MS = 15_000;
const RIGHTS_MS = 10_000;
const STANDS_BY: Finding = { status: 'skipped', message: 'another process answers; this one stands by' };
const NOT_CONNECTED: Finding = { status: 'skipped', message: 'not asked: it is not connected; see gateway.telegram' };

/** A probe that asks something of a bot. */
type Of<T> = Omit<Asking, 'ask'> & { readonly ask: (of: T) => Answer | Promise<Answer> };

/** Probes of the gateways of a bot, by the process that it is in. */
export const gatewayProbes = ({ bot, leader, policy, hasTelegram, heard, clock }: GatewayProbesParts): readonly HealthProbe[] => {
  const ofBot = ({ ask, ...about }: Of<AnsweringBot>): HealthProbe =>
    asking({
      ...about,
      ask: async () => {
        const answering = await bot();
        return answering ? ask(answering) : STANDS_BY;
      },
    });
  const local = ofBot({
    id: 'gateway.local',
    gateway: LOCAL,
    depth: 'local',
    unreadyFrom: 'fail',
    broken: 'fail',
    help: () => `see storage.database; ${restart()}`,
    ask: async ({ localChat }) => {
      await localChat.list(DEFAULT_LOCAL_CHAT, undefined, 1);
      return `answers${heard.words('local')}`;
    },
  });
  const roundTrip = ofBot({
    id: 'gateway.local-round-trip',
    depth: 'deep',
    limitMs: PING_MS,
    broken: 'fail',
    help: () => `see queue.outbox and the log; ${restart()}`,
    ask: async ({ selfPing }) => `${await selfPing.ping(PING_MS)} ms from message to delivered answer`,
  });
  const telegram = hasTelegram ? telegramProbes(ofBot, policy, heard, clock) : [noTelegram()];
  return [leaderOfProcess(bot, leader), local, roundTrip, ...telegram];
};

/** How the connection stands, whether Telegram answers on it, and what it lets the account do. */
const telegramProbes = (
  ofBot: (probe: Of<AnsweringBot>) => HealthProbe,
  policy: AccessPolicy,
  heard: LastHeard,
  clock: Pick<Clock, 'now'>,
): readonly HealthProbe[] => {
  const onceConnected = ({ ask, ...about }: Of<Telegram>): HealthProbe =>
    ofBot({ ...about, ask: ({ telegram }) => (telegram?.health().status === 'ok' ? ask(telegram) : NOT_CONNECTED) });
  const state = ofBot({
    id: 'gateway.telegram',
    gateway: TELEGRAM,
    depth: 'local',
    unreadyFrom: 'fail',
    broken: 'fail',
    help: telegramHint,
    ask: ({ telegram }) => telegram && stateOf(telegram, heard),
  });
  const roundTrip = onceConnected({
    id: 'gateway.telegram-round-trip',
    depth: 'cheap',
    broken: 'fail',
    help: telegramHint,
    ask: async (telegram) => `answers in ${await telegram.pingServer()} ms`,
  });
  const rightsOf = onceAMinute(clock, (telegram: Telegram) =>
    telegram.rights(configuredGroups(policy, (id) => gatewayOf(id) === TELEGRAM)),
  );
  const rights = onceConnected({
    id: 'gateway.telegram-rights',
    depth: 'cheap',
    limitMs: RIGHTS_MS,
    // Whether it answers is looked at above.
    broken: 'skipped',
    help: telegramHint,
    ask: async (telegram) => rightsFinding(await rightsOf(telegram), policy),
  });
  return [state, roundTrip, rights];
};

/** What was found within the last minute, else what `ask` finds: that takes a call for each group. */
const onceAMinute = <Of, Found>(clock: Pick<Clock, 'now'>, ask: (of: Of) => Promise<Found>): ((of: Of) => Promise<Found>) => {
  let last: { readonly of: Of; readonly found: Found; readonly at: number } | undefined;
  return async (of) => {
    if (last?.of === of && Math.abs(clock.now() - last.at) < MINUTE_MS) return last.found;
    const found = await ask(of);
    last = { of, found, at: clock.now() };
    return found;
  };
};

const MINUTE_MS = 60_000;

const stateOf = (telegram: Telegram, heard: LastHeard): Finding => {
  const { id: _, ...found } = telegram.health();
  if (found.status !== 'ok') return { fixHint: telegramHint(), ...found };
  return { ...found, message: `${found.message}${heard.words(telegram.name)}` };
};

const telegramHint = (): string =>
  `it is tried again by itself; if it goes on, see the network, TELEGRAM_DC_ADDRESS and the token or session (${commandHint('login')})`;
const restart = (): string => `restart it with ${commandHint('restart')}`;

/** Whether this process leads, or for whom it stands by; nothing where no other bot can. */
const leaderOfProcess = (bot: GatewayProbesParts['bot'], leader: GatewayProbesParts['leader']): HealthProbe =>
  leaderProbe(async () => {
    const answering = leader();
    if (await bot()) return answering ? 'leads and answers' : undefined;
    const who = answering?.();
    return who === undefined ? { without: 'stands by; the leader is not known' } : `stands by; ${who} leads`;
  });
