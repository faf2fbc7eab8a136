import type { Container } from 'inversify';
import {
  CHAT_AGENT,
  makeBot,
  makeCommands,
  makeQueries,
  makeRunAgent,
  makeSelfPing,
  makeWorker,
  PROMISE_AGENT,
} from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import type { Agent, AgentLimits, TurnSettings } from '../../domain/index.ts';
import { modelPlaces } from '../model-help.ts';
import { single, TOKENS } from '../tokens.ts';

const T = TOKENS;
const CORE = [T.storage, T.changes, T.clock, T.randomness, T.redact, T.events, T.config] as const;

/** What every role can do with promises and messages, and ask about them. */
export const bindCommands = (container: Container): void => {
  single(container, T.queries, [T.storage, T.config], ({ stores }, { policy }) => makeQueries({ stores, policy }));
  single(
    container,
    T.commands,
    [T.storage, T.clock, T.randomness, T.redact, T.events, T.config, T.calendar],
    (storage, clock, randomness, redact, events, { promises, policy, timeZone, models }, calendar) =>
      makeCommands({
        storage,
        clock,
        randomness,
        redact,
        events,
        policy,
        timeZone,
        calendar,
        retry: promises.retry,
        retentionMs: promises.retentionMs,
        models: namesOf(models),
      }),
  );
};

/** Running agents: for answers, and for promises. */
export const bindAgents = (container: Container): void =>
  single(container, T.runAgent, [T.model, T.tools, T.events, T.clock, T.redact], (model, tools, events, clock, redact) =>
    makeRunAgent({ model, tools, events, clock, redact }),
  );

/** Taking messages in, answering them, and sending what is to be sent. */
export const bindConversation = (container: Container): void => {
  single(container, T.selfPing, [T.selfPingChannel, T.clock, T.randomness], (channel, clock, randomness) =>
    makeSelfPing({ channel, clock, randomness }),
  );
  single(
    container,
    T.bot,
    [...CORE, T.moved, T.runAgent, T.gateways, T.selfPing, T.telegramPing],
    (storage, changes, clock, randomness, redact, events, config, moved, runAgent, gateways, ...pings) =>
      makeBot({
        storage,
        changes,
        clock,
        randomness,
        redact,
        events,
        moved,
        runAgent,
        gateways,
        isOutstandingPing: (message) => pings.some((ping) => ping?.isOutstanding(message)),
        policy: config.policy,
        retry: config.promises.retry,
        timeZone: config.timeZone,
        agent: within(CHAT_AGENT, config.agents.chat),
        turns: turnsOf(config),
        models: namesOf(config.models),
      }),
  );
};

/**
 * Of the models that are asked; undefined where a command reads no more of the configuration than where the data is.
 */
const namesOf = (models: Config['models']): readonly string[] | undefined => {
  const names = modelPlaces(models).map(({ name }) => name);
  return names.length > 0 ? names : undefined;
};

/** Keeping promises. */
export const bindWork = (container: Container): void =>
  single(
    container,
    T.worker,
    [...CORE, T.runAgent, T.workerId, T.calendar],
    (storage, changes, clock, randomness, redact, events, config, runAgent, workerId, calendar) =>
      makeWorker({
        storage,
        changes,
        clock,
        randomness,
        redact,
        events,
        calendar,
        runAgent,
        workerId,
        policy: config.policy,
        agent: within(PROMISE_AGENT, config.agents.promise),
        retry: config.promises.retry,
        settings: config.promises.worker,
        retentionMs: config.promises.retentionMs,
        turns: turnsOf(config),
      }),
  );

const turnsOf = ({ agent }: Config): TurnSettings => ({
  replyTimeoutMs: agent.timeoutMs,
  maxHistory: agent.maxHistory,
  maxHistoryTokens: agent.maxHistoryTokens,
});

const within = (agent: Agent, limits: Partial<AgentLimits>): Agent => ({ ...agent, limits: { ...agent.limits, ...limits } });
