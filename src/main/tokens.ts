import type { Container, ServiceIdentifier } from 'inversify';
import type { HttpServer } from '../adapters/http/index.ts';
import type { LocalChat } from '../adapters/local-chat/index.ts';
import type { TelegramGateway } from '../adapters/telegram/index.ts';
import type { Bot, Commands, EventHub, MovedChats, PromiseWorker, RunAgent, SelfPing } from '../application/index.ts';
import type { Config } from '../config/index.ts';
import type { AccessPolicy } from '../domain/index.ts';
import type {
  ChangeFeed,
  ChatGateway,
  Clock,
  CronCalendar,
  Engine,
  LanguageModel,
  Logger,
  Queries,
  Randomness,
  Redact,
  SelfPingChannel,
  Storage,
  Tool,
} from '../ports/index.ts';
import type { Lifecycle } from './lifecycle.ts';

/** A symbol that remembers the type of what is bound to it: a wrong dependency is a compile error. */
export type Token<T> = ServiceIdentifier<T> & symbol & { readonly __service?: T };
type Tokens<A extends readonly unknown[]> = { readonly [K in keyof A]: Token<A[K]> };

/** A container with what a role needs, and how to end whatever was made from it. */
export interface AppContext {
  readonly container: Container;
  readonly lifecycle: Lifecycle;
  get<T>(id: Token<T>): Promise<T>;
}

/** Where this process's bot stands: it answers, or waits to be needed. */
export interface LeaderStatus {
  /** What answers, while this process does. */
  botScope?: AppContext;
  /** Who answers, as far as this process knows; absent where no other bot can. */
  leader?: () => string | undefined;
}

const token = <T>(name: string): Token<T> => Symbol(name) as Token<T>;

export const TOKENS = {
  config: token<Config>('config'),
  lifecycle: token<Lifecycle>('lifecycle'),
  logger: token<Logger>('logger'),
  /** Why the log file is not written just now. */
  logFault: token<() => string | undefined>('logFault'),
  /** Who is told what happens: the log, and whoever subscribes. */
  events: token<EventHub>('events'),
  redact: token<Redact>('redact'),
  clock: token<Clock>('clock'),
  randomness: token<Randomness>('randomness'),
  changes: token<ChangeFeed>('changes'),
  calendar: token<CronCalendar>('calendar'),
  engine: token<Engine>('engine'),
  storage: token<Storage>('storage'),
  moved: token<MovedChats>('moved'),
  /** Who may talk to it, with chats that have moved under their new ids, too. */
  policy: token<AccessPolicy>('policy'),
  model: token<LanguageModel>('model'),
  tools: token<readonly Tool[]>('tools'),
  runAgent: token<RunAgent>('runAgent'),
  commands: token<Commands>('commands'),
  queries: token<Queries>('queries'),
  bot: token<Bot>('bot'),
  /** Names this process's worker in leases; see `worker-identity.ts`. */
  workerId: token<string>('workerId'),
  worker: token<PromiseWorker>('worker'),
  leaderStatus: token<LeaderStatus>('leaderStatus'),
  localChat: token<LocalChat>('localChat'),
  telegram: token<TelegramGateway | undefined>('telegram'),
  gateways: token<readonly ChatGateway[]>('gateways'),
  selfPingChannel: token<SelfPingChannel>('selfPingChannel'),
  selfPing: token<SelfPing>('selfPing'),
  /** Absent where Telegram is not configured, or where the account has nobody to write to. */
  telegramPing: token<SelfPing | undefined>('telegramPing'),
  httpServer: token<HttpServer>('httpServer'),
} as const;

type Binder = Pick<Container, 'bind'>;

/** Binds one shared instance, made from what `deps` name when it is first asked for. */
export const single = <T, A extends unknown[]>(
  container: Binder,
  id: Token<T>,
  deps: Tokens<A>,
  make: (...args: A) => T | Promise<T>,
): void => {
  container
    .bind<T>(id)
    .toResolvedValue(make as (...args: unknown[]) => T, deps as never)
    .inSingletonScope();
};
