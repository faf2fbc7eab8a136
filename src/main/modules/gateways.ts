import type { Container } from 'inversify';
import { makeLocalChat } from '../../adapters/local-chat/index.ts';
import { makeSelfPing } from '../../application/index.ts';
import { SELF_PING_CHAT } from '../../domain/index.ts';
import type { LocalTranscript, Redact, SelfPingChannel } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import { TOKENS } from '../tokens.ts';
import { bindTelegram } from './telegram.ts';

const T = TOKENS;

/** The local chats: terminal, page and HTTP API. */
export const bindLocalChat = (container: Container): void =>
  bind(
    container,
    T.localChat,
    {
      storage: T.storage,
      clock: T.clock,
      randomness: T.randomness,
      changes: T.changes,
      redact: T.redact,
      events: T.events,
    },
    ({ storage: { transcript }, clock, randomness, changes, redact, events }) =>
      makeLocalChat({ transcript: redacted(transcript, redact), clock, randomness, changes, events }),
  );

/** Messages that people type may hold secrets, too; no table stores them. */
const redacted = (transcript: LocalTranscript, redact: Redact): LocalTranscript => ({
  ...transcript,
  post: (message) => transcript.post({ ...message, text: redact(message.text) }),
});

/** All gateways, and the self-pings that go through them. */
export const bindGateways = (container: Container): void => {
  bindTelegram(container);
  bind(container, T.gateways, { localChat: T.localChat, telegram: T.telegram }, ({ localChat, telegram }) =>
    telegram ? [localChat, telegram] : [localChat],
  );
  bind(
    container,
    T.selfPingChannel,
    { localChat: T.localChat },
    ({ localChat }): SelfPingChannel => ({
      ping: async (nonce) => void (await localChat.ping(nonce)),
      onReply: (listener) =>
        localChat.subscribe(SELF_PING_CHAT, (event) => {
          if (event.type === 'message') listener(event.message.text);
        }),
    }),
  );
  bind(container, T.selfPing, { channel: T.selfPingChannel, clock: T.clock, randomness: T.randomness }, makeSelfPing);
  bind(
    container,
    T.isOutstandingPing,
    { local: T.selfPing, telegram: T.telegramPing },
    ({ local, telegram }) =>
      (message) =>
        local.isOutstanding(message) || telegram?.isOutstanding(message) === true,
  );
};
