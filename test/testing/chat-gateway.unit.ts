import { strict as assert } from 'node:assert';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { makeLocalChat } from '../../src/adapters/local-chat/index.ts';
import { makeMemoryChangeFeed, makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { systemClock, systemRandomness } from '../../src/adapters/system/index.ts';
import { type ChatId, chatIdOf, localChatId, messageIdOf, present, roomOf, userIdOf } from '../../src/domain/index.ts';
import type { ChatGateway } from '../../src/ports/index.ts';
import {
  buildMessage,
  chatGatewayContract,
  type GatewayTrial,
  makeRecordingGateway,
  type RecordingGateway,
  runContract,
  type ShownMessage,
} from '../../src/testing/index.ts';

const runner = { describe, it };

/** A platform that names things in its own way: the n-th message, and its chats and people. */
interface Platform {
  readonly name: string;
  readonly nativeIdOf: (n: number) => string | number | bigint;
  readonly room: string | number | bigint;
  readonly other: string | number | bigint;
  readonly thread: string | number | bigint;
  readonly person: string | number | bigint;
}

const PLATFORMS: readonly Platform[] = [
  { name: 'telegram', nativeIdOf: (n) => 1_000 + n, room: -1_001_234_567_890, other: 501, thread: 500, person: 501 },
  {
    name: 'discord',
    nativeIdOf: (n) => 1_234_567_890_123_456_789n + BigInt(n),
    room: 1_234_567_890_123_456_780n,
    other: 1_234_567_890_123_456_781n,
    thread: 1_234_567_890_123_456_782n,
    person: 9_007_199_254_740_993n,
  },
  {
    name: 'slack',
    nativeIdOf: (n) => `1700000000.${String(n).padStart(6, '0')}`,
    room: 'C012AB3CD',
    other: 'D0/9:x y',
    thread: '1699999999.000100',
    person: 'U042',
  },
];

const recordingTrial = (
  { name, nativeIdOf, room, other, thread, person }: Platform,
  faulty: (gateway: RecordingGateway) => Partial<ChatGateway> = () => ({}),
): GatewayTrial => {
  const first: RecordingGateway = makeRecordingGateway({ name, nativeIdOf: (n) => nativeIdOf(2 * n + 1) });
  const gateway = { ...first, ...faulty(first) };
  let said = 0;
  return {
    gateway,
    chats: { room: chatIdOf(name, room), other: chatIdOf(name, other), thread: chatIdOf(name, room, thread) },
    // Its other side is an array: the next process is the same gateway, started again.
    restarted: async () => {
      await first.stop();
      return gateway;
    },
    say: async (chatId, text) => {
      const messageId = messageIdOf(name, nativeIdOf(2 * said++));
      const sender = { id: userIdOf(name, person), kind: 'person' } as const;
      await first.deliver(buildMessage({ chat: { id: chatId, kind: 'group' }, messageId, sender, text })).catch(() => undefined);
      return messageId;
    },
    tap: (chatId, messageId, data) => first.tap({ chatId, messageId, data, sender: { id: userIdOf(name, person), kind: 'person' } }),
    shown: async (chatId) => first.onScreen(chatId),
    typing: async () => first.typing,
  };
};

const localTrial = (): GatewayTrial & { readonly stop: () => Promise<void> } => {
  const changes = makeMemoryChangeFeed(systemClock.after);
  const { transcript } = makeMemoryStorage({ changes });
  const begin = () => makeLocalChat({ transcript, clock: systemClock, randomness: systemRandomness, changes });
  let current = begin();
  return {
    gateway: current,
    chats: { room: localChatId(1), other: localChatId(2) },
    restarted: async (): Promise<ChatGateway> => {
      await current.stop();
      current = begin();
      return current;
    },
    say: async (chatId, text) => {
      const posted = await current.post(chatId, text);
      if (!posted.ok) throw new Error(posted.error.message);
      return posted.value.messageId;
    },
    tap: (chatId, messageId, data) => current.tap(chatId, messageId, data),
    shown: async (chatId: ChatId) => {
      const messages: ShownMessage[] = [];
      let draft = '';
      const leave = current.subscribe(
        chatId,
        (event) => {
          if (event.type === 'draft') draft = event.text;
          else if (event.message.from === 'agent') {
            const { text, replyTo, buttons } = event.message;
            messages.push({ text, ...present({ replyTo, buttons }) });
          }
        },
        0,
      );
      for (let turn = 0; turn < 5; turn++) await turnOfTheLoop();
      leave();
      return draft === '' ? messages : [...messages, { text: draft }];
    },
    stop: () => current.stop(),
  };
};

for (const platform of PLATFORMS)
  runContract(runner, `the recording gateway, with the ids of ${platform.name}, keeps the law of gateways: it`, chatGatewayContract, () => {
    const subject = recordingTrial(platform);
    return { subject, close: () => subject.gateway.stop() };
  });

runContract(runner, 'the local chat keeps the law of gateways: it', chatGatewayContract, () => {
  const subject = localTrial();
  return { subject, close: subject.stop };
});

/** The obligations that are not met in time, each on a fresh subject. */
const unmet = async (faulty: (gateway: RecordingGateway) => Partial<ChatGateway>): Promise<readonly string[]> => {
  const failed: string[] = [];
  const [platform] = PLATFORMS;
  if (!platform) throw new RangeError('no platform');
  for (const [obligation, check] of Object.entries(chatGatewayContract)) {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error('too late')), 200);
    await Promise.race([check(recordingTrial(platform, faulty)), late.promise]).catch(() => failed.push(obligation));
    clearTimeout(timer);
  }
  return failed;
};

describe('The contract of gateways finds a gateway that', () => {
  for (const [fault, faulty, obligation] of [
    ['has no fault', () => ({}), undefined],
    [
      'sends a repeat again',
      ({ send }) => {
        let repeats = 0;
        return { send: (message) => send({ ...message, deliveryKey: `${message.deliveryKey}-${repeats++}` }) };
      },
      'delivers once for each delivery key',
    ],
    [
      'leaves a thread',
      ({ send }) => ({ send: (message) => send({ ...message, chatId: roomOf(message.chatId) }) }),
      'keeps everything in the thread',
    ],
    ['types in the room', ({ showTyping }) => ({ showTyping: (chatId) => showTyping(roomOf(chatId)) }), 'keeps everything in the thread'],
    ['loses its replies', ({ send }) => ({ send: ({ replyTo: _, ...message }) => send(message) }), 'delivers in the order of the calls'],
    ['keeps its drafts', ({ showDraft }) => ({ showDraft: (draft) => showDraft({ ...draft, deliveryKey: 'other' }) }), 'replaces a draft'],
    ['withdraws nothing', () => ({ withdraw: async () => undefined }), 'removes a draft'],
    ['loses its buttons', ({ send }) => ({ send: ({ buttons: _, ...message }) => send(message) }), 'shows buttons below a message'],
    ['takes no taps', ({ start }) => ({ start: (inlet) => start({ ...inlet, tapped: async () => 'no' }) }), 'hands over who tapped what'],
    ['edits nothing', () => ({ edit: async () => true }), 'edits what it has sent'],
    ['cuts long texts', ({ send }) => ({ send: (message) => send({ ...message, text: message.text.slice(0, 4_096) }) }), 'delivers all'],
    [
      'gives ids of another gateway',
      ({ send }) => ({ send: async (message) => ((await send(message)) ? messageIdOf('other', 1) : undefined) }),
      'hands over messages with ids of its own',
    ],
    [
      'drops what was rejected',
      ({ start }) => ({
        start: (inlet) => start({ ...inlet, received: (message) => inlet.received(message).catch(() => undefined) }),
      }),
      'hands over again',
    ],
  ] satisfies readonly (readonly [string, (gateway: RecordingGateway) => Partial<ChatGateway>, string | undefined])[])
    it(fault, async () => {
      const found = await unmet(faulty);
      if (obligation === undefined) assert.deepEqual(found, []);
      else
        assert.ok(
          found.some((each) => each.startsWith(obligation)),
          found.join('; '),
        );
    });
});
