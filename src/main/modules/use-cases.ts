import type { Container } from 'inversify';
import {
  CHAT_AGENT,
  makeAgentExecutor,
  makeAnswerChat,
  makeCancelPromise,
  makeChatAnswerer,
  makeCheckHealth,
  makeDraftPromise,
  makeExplainMessage,
  makeMakePromise,
  makeOutboxDeliverer,
  makePromiseWorker,
  makeReceiveMessage,
  makeRetryPromise,
  makeRunAgent,
  makeSelfPing,
  makeStatusLine,
  PROMISE_AGENT,
} from '../../application/index.ts';
import { single, TOKENS } from '../tokens.ts';

/** Chats that are answered, and sent to, side by side. */
const MAX_CHATS = 16;
const MAX_HISTORY_TOKENS = 60_000;
/** The longest that one attempt at a promise may take. */
const ATTEMPT_TIMEOUT_MS = 30 * 60_000;

const T = TOKENS;

/** What every role can do with promises and messages. */
export const bindCore = (container: Container): void => {
  single(container, T.draftPromise, [T.storage, T.clock, T.redact, T.config], ({ stores }, clock, redact, { promises: retry }) =>
    makeDraftPromise({ promises: stores.promises, clock, redact, retry }),
  );
  single(
    container,
    T.makePromise,
    [T.storage, T.clock, T.redact, T.config, T.randomness, T.logger],
    ({ stores, unitOfWork }, clock, redact, { promises: retry }, randomness, logger) =>
      makeMakePromise({ promises: stores.promises, unitOfWork, clock, redact, retry, randomness, logger: logger.child('promises') }),
  );
  single(container, T.cancelPromise, [T.storage, T.clock, T.randomness, T.logger], ({ unitOfWork }, clock, randomness, logger) =>
    makeCancelPromise({ unitOfWork, clock, randomness, logger: logger.child('promises'), reason: 'By the operator.' }),
  );
  single(container, T.retryPromise, [T.storage, T.clock, T.randomness, T.logger], ({ unitOfWork }, clock, randomness, logger) =>
    makeRetryPromise({ unitOfWork, clock, randomness, logger: logger.child('promises') }),
  );
  single(container, T.explainMessage, [T.storage], ({ stores }) => makeExplainMessage({ stores }));
  single(container, T.checkHealth, [T.storage, T.clock], ({ stores, queue }, clock) => makeCheckHealth({ stores, queue, clock }));
};

/** Running agents: for answers, and for promises. */
export const bindAgents = (container: Container): void => {
  single(container, T.runAgent, [T.model, T.tools, T.logger, T.redact], (model, tools, logger, redact) =>
    makeRunAgent({ model, tools, logger: logger.child('agents'), redact }),
  );
};

/** Taking messages in, answering them, and sending what is to be sent. */
export const bindConversation = (container: Container): void => {
  single(container, T.statusLine, [T.checkHealth, T.clock], (checkHealth, clock) =>
    makeStatusLine({ checkHealth, clock, startedAt: clock.now() }),
  );
  single(container, T.selfPing, [T.selfPingChannel, T.clock, T.randomness], (channel, clock, randomness) =>
    makeSelfPing({ channel, clock, randomness }),
  );
  single(
    container,
    T.receiveMessage,
    [T.storage, T.config, T.clock, T.logger, T.redact, T.selfPing],
    ({ unitOfWork }, { policy }, clock, logger, redact, { isOutstanding }) =>
      makeReceiveMessage({ unitOfWork, policy, clock, logger: logger.child('messages'), redact, isOutstandingPing: isOutstanding }),
  );
  single(
    container,
    T.answerChat,
    [T.storage, T.config, T.runAgent, T.draftPromise, T.statusLine, T.gateways, T.clock, T.randomness, T.logger],
    ({ stores, unitOfWork }, { policy, agent }, runAgent, draftPromise, statusLine, gateways, clock, randomness, logger) =>
      makeAnswerChat({
        ...{ stores, unitOfWork, runAgent, agent: CHAT_AGENT, policy, draftPromise, statusLine, clock, randomness },
        logger: logger.child('turns'),
        showDraft: (chatId, text) => gateways.find((gateway) => gateway.serves(chatId))?.showDraft(chatId, text),
        settings: { replyTimeoutMs: agent.timeoutMs, maxHistory: agent.maxHistory, maxHistoryTokens: MAX_HISTORY_TOKENS },
      }),
  );
  single(
    container,
    T.chatAnswerer,
    [T.storage, T.answerChat, T.changes, T.clock, T.logger],
    ({ stores }, answerChat, changes, clock, logger) =>
      makeChatAnswerer({ messages: stores.messages, answerChat, changes, clock, logger: logger.child('turns'), maxChats: MAX_CHATS }),
  );
  single(
    container,
    T.outboxDeliverer,
    [T.storage, T.gateways, T.changes, T.clock, T.logger],
    ({ stores, unitOfWork }, gateways, changes, clock, logger) =>
      makeOutboxDeliverer({
        outbox: stores.outbox,
        unitOfWork,
        gateways,
        changes,
        clock,
        logger: logger.child('outbox'),
        maxChats: MAX_CHATS,
      }),
  );
};

/** Keeping promises. */
export const bindWork = (container: Container): void => {
  single(container, T.executor, [T.storage, T.runAgent, T.config, T.clock], ({ stores: { promises } }, runAgent, { policy }, clock) =>
    makeAgentExecutor({ promises, runAgent, agent: PROMISE_AGENT, policy, clock }),
  );
  single(
    container,
    T.promiseWorker,
    [T.workerId, T.storage, T.executor, T.changes, T.config, T.clock, T.randomness, T.redact, T.logger],
    (workerId, { queue, unitOfWork }, executor, changes, { promises }, clock, randomness, redact, logger) =>
      makePromiseWorker({
        ...{ workerId, queue, unitOfWork, executor, changes, clock, randomness, redact },
        logger: logger.child('promises'),
        settings: { ...promises, attemptTimeoutMs: ATTEMPT_TIMEOUT_MS },
      }),
  );
};
