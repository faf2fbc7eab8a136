import { readFileSync } from 'node:fs';
import type { Container } from 'inversify';
import { makeHttpServer } from '../../adapters/http/index.ts';
import { makeLocalChat } from '../../adapters/local-chat/index.ts';
import { messageView, promiseView, scheduleView } from '../../adapters/views/index.ts';
import { watchPromises } from '../../application/index.ts';
import { err, ok, SELF_PING_CHAT, summarise } from '../../domain/index.ts';
import type { LocalTranscript, Redact, SelfPingChannel } from '../../ports/index.ts';
import { makeDiskCheck } from '../disk.ts';
import { checkLeaderStatus } from '../leader-status.ts';
import { pingSelf } from '../self-ping.ts';
import { single, TOKENS } from '../tokens.ts';
import { VERSION } from '../version.ts';

const T = TOKENS;

/** The chats of the people at this machine, and the self-ping that takes the same road. */
export const bindLocalChat = (container: Container): void => {
  single(
    container,
    T.localChat,
    [T.storage, T.clock, T.randomness, T.changes, T.redact, T.logger],
    ({ transcript }, clock, randomness, changes, redact, logger) =>
      makeLocalChat({ transcript: redacted(transcript, redact), clock, randomness, changes, logger: logger.child('local-chat') }),
  );
  single(
    container,
    T.selfPingChannel,
    [T.localChat],
    (localChat): SelfPingChannel => ({
      ping: async (nonce) => void (await localChat.ping(nonce)),
      onReply: (listener) =>
        localChat.subscribe(SELF_PING_CHAT, (event) => {
          if (event.type === 'message') listener(event.message.text);
        }),
    }),
  );
};

/** What people write by hand holds secrets too; no table keeps them. */
const redacted = (transcript: LocalTranscript, redact: Redact): LocalTranscript => ({
  ...transcript,
  post: (message) => transcript.post({ ...message, text: redact(message.text) }),
});

/** The HTTP API and the page. */
export const bindHttp = (container: Container): void => {
  single(container, T.leaderStatus, [], () => ({}));
  single(
    container,
    T.httpServer,
    [T.config, T.localChat, T.storage, T.changes, T.clock, T.commands, T.queries, T.leaderStatus, T.model, T.logger, T.events, T.logFault],
    ({ http, dataDir }, localChat, { name }, changes, clock, commands, queries, standing, model, logger, events, logFault) => {
      const checkDisk = makeDiskCheck(dataDir, logFault);
      const startedAt = clock.now();
      const { tls, ...settings } = http;
      return makeHttpServer({
        ...settings,
        ...(tls ? { tls: { key: readFileSync(tls.keyFile), cert: readFileSync(tls.certFile) } } : {}),
        logger: logger.child('http'),
        views: { message: messageView, promise: promiseView, schedule: scheduleView },
        api: {
          postMessage: async ({ chatId, text }) => {
            const posted = await localChat.post(chatId, text);
            return posted.ok ? ok({ chatId: posted.value.chatId, messageId: posted.value.messageId }) : posted;
          },
          listMessages: localChat.list,
          getVerdict: queries.getVerdict,
          subscribe: (chatId, listener, after) => {
            const endChat = localChat.subscribe(chatId, listener, after);
            const endPromises = watchPromises(
              { listPromises: queries.listPromises, changes, clock, events, query: { chatId } },
              { onChange: (promise) => void listener({ type: 'promise', promise }) },
            );
            return () => {
              endChat();
              endPromises();
            };
          },
          listPromises: queries.listPromises,
          getPromise: queries.getPromise,
          cancelPromise: commands.cancelPromise,
          retryPromise: commands.retryPromise,
          listSchedules: queries.listSchedules,
          cancelSchedule: commands.cancelSchedule,
          pingSelf: async () =>
            standing.botScope
              ? ok(await pingSelf(standing.botScope))
              : err({ code: 'bot/stands-by', message: 'another bot answers; this one stands by' }),
          health: async () => ({
            ...summarise([...(await commands.checkHealth()).checks, ...(await checkLeaderStatus(standing)), ...checkDisk()]),
            version: VERSION,
            pid: process.pid,
            uptimeMs: clock.now() - startedAt,
            model: model.name,
            storage: name,
          }),
        },
      });
    },
  );
};
