/** Long because all obligations of a gateway stand in one law, over one way to meet it. */
import { strict as assert } from 'node:assert';
import { type ChatId, gatewayOf, type IncomingMessage, type MessageButton, type MessageId, roomOf } from '../domain/index.ts';
import { type ButtonTap, type ChatGateway, type GatewayInlet, isPortError, type OutgoingMessage } from '../ports/index.ts';
import type { Contract } from './contract.ts';
import { buildInlet } from './inlet.ts';

/** A message of the gateway's account, as people see it. */
export interface ShownMessage {
  readonly text: string;
  readonly replyTo?: MessageId;
  readonly buttons?: readonly MessageButton[];
}

/** A gateway before its start, with the platform behind it. */
export interface GatewayTrial {
  readonly gateway: ChatGateway;
  /** Two chats of the gateway in which its account may write, and a thread of the first where it has threads. */
  readonly chats: { readonly room: ChatId; readonly other: ChatId; readonly thread?: ChatId };
  /** Stops the gateway, and makes the next process's over the same platform and the same stored state. */
  restarted(): Promise<ChatGateway>;
  /** A person says that to the account, in that chat. */
  say(chatId: ChatId, text: string): Promise<MessageId>;
  /**
   * A person taps a button below that message; resolves to the words that they are shown. Absent where the platform, or
   * the kind of account, has no buttons.
   */
  tap?(chatId: ChatId, messageId: MessageId, data: string): Promise<string>;
  /** Everything of the account's that people see in that chat, drafts included, in order; nothing of its threads. */
  shown(chatId: ChatId): Promise<readonly ShownMessage[]>;
  /** The chats in which it was shown that somebody types. Absent where that is shown nowhere. */
  typing?(): Promise<readonly ChatId[]>;
}

/** An inlet that keeps what it takes. Once it refuses, it takes nothing more. */
const makeInlet = () => {
  const received: IncomingMessage[] = [];
  const taps: ButtonTap[] = [];
  const waiting = new Set<() => void>();
  const control = { isRefusing: false, offered: 0, words: 'Approved.' };
  const inlet: GatewayInlet = buildInlet({
    received: async (message) => {
      control.offered++;
      if (!control.isRefusing && !received.some(({ chat, messageId }) => chat.id === message.chat.id && messageId === message.messageId))
        received.push(message);
      for (const wake of waiting) wake();
      if (control.isRefusing) throw new Error('the bot stops');
    },
    tapped: async (tap) => {
      taps.push(tap);
      if (control.isRefusing) throw new Error('the bot stops');
      return control.words;
    },
  });
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      await promise;
      waiting.delete(resolve);
    }
  };
  const textsIn = (chatId: ChatId): string[] => received.flatMap(({ chat, text }) => (chat.id === chatId ? [text] : []));
  return { inlet, control, received, taps, until, textsIn };
};

let lastKey = 0;
const answer = (chatId: ChatId, text: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage => {
  lastKey++;
  return { chatId, text, answers: [], deliveryKey: `${Date.now()}${lastKey}`, ...more };
};

const started = async (trial: GatewayTrial) => {
  const taken = makeInlet();
  await trial.gateway.start(taken.inlet);
  return taken;
};
/** Started, and spoken to in each chat: some platforms let an account write only where that has happened. */
const met = async (trial: GatewayTrial) => {
  const { room, other, thread } = trial.chats;
  const taken = await started(trial);
  const chats = [room, other, ...(thread ? [thread] : [])];
  for (const chat of chats) await trial.say(chat, 'hello there');
  await taken.until(() => taken.received.length === chats.length);
  taken.received.length = 0;
  return taken;
};
/** Sends as the outbox does: after the wait that the platform asks for, it goes on where it was. */
const delivered = async (gateway: ChatGateway, message: OutgoingMessage): Promise<MessageId | undefined> => {
  for (;;) {
    try {
      return await gateway.send(message);
    } catch (error) {
      if (!isPortError(error) || error.code !== 'rate-limited') throw error;
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs ?? 0));
    }
  }
};
const textsOf = (messages: readonly ShownMessage[]): string[] => messages.map(({ text }) => text);
const inOrder = (count: number): string[] => Array.from({ length: count }, (_, at) => `message ${at + 1}`);

/** The law of `ChatGateway`: what people see, and what the inlet is told. */
export const chatGatewayContract: Contract<GatewayTrial> = {
  'hands over messages with ids of its own gateway': async (trial) => {
    const { gateway, chats } = trial;
    const { received, until } = await started(trial);
    const messageId = await trial.say(chats.room, 'hello');
    await until(() => received.length > 0);
    const [message] = received;
    assert.equal(message?.chat.id, chats.room);
    assert.equal(message?.messageId, messageId);
    assert.equal(message?.text, 'hello');
    for (const id of [message?.chat.id, message?.messageId, message?.sender.id]) assert.equal(id && gatewayOf(id), gateway.name);
    const sent = await delivered(gateway, answer(chats.room, 'good day'));
    assert.equal(sent && gatewayOf(sent), gateway.name);
  },

  'hands over what was said before the start, and the rest behind it, in the order of each chat': async (trial) => {
    const { chats } = trial;
    await started(trial);
    const gateway = await trial.restarted();
    const taken = makeInlet();
    const texts = inOrder(6);
    for (const text of texts.slice(0, 3)) for (const chat of [chats.room, chats.other]) await trial.say(chat, text);
    await gateway.start(taken.inlet);
    for (const text of texts.slice(3)) for (const chat of [chats.room, chats.other]) await trial.say(chat, text);
    await taken.until(() => taken.received.length === 12);
    for (const chat of [chats.room, chats.other]) assert.deepEqual(taken.textsIn(chat), texts);
  },

  'hands over again, in order, what was rejected': async (trial) => {
    const { chats } = trial;
    const first = await started(trial);
    await trial.say(chats.room, 'message 1');
    await first.until(() => first.received.length === 1);
    first.control.isRefusing = true;
    const { offered } = first.control;
    await trial.say(chats.room, 'message 2');
    await trial.say(chats.room, 'message 3');
    await first.until(() => first.control.offered > offered);
    const gateway = await trial.restarted();
    const second = makeInlet();
    await gateway.start(second.inlet);
    await second.until(() => second.textsIn(chats.room).includes('message 3'));
    assert.deepEqual(
      second.textsIn(chats.room).filter((text) => text !== 'message 1'),
      ['message 2', 'message 3'],
    );
  },

  'hands over nothing after its stop': async (trial) => {
    const { chats } = trial;
    const first = await started(trial);
    await trial.say(chats.room, 'message 1');
    await first.until(() => first.received.length === 1);
    await trial.gateway.stop();
    const { offered } = first.control;
    await trial.say(chats.room, 'message 2');
    const gateway = await trial.restarted();
    const second = makeInlet();
    await gateway.start(second.inlet);
    await second.until(() => second.textsIn(chats.room).includes('message 2'));
    assert.equal(first.control.offered, offered);
  },

  'delivers once for each delivery key, and resolves to one message id': async (trial) => {
    const { gateway, chats } = trial;
    await met(trial);
    const message = answer(chats.room, 'the answer');
    const id = await delivered(gateway, message);
    assert.notEqual(id, undefined);
    assert.equal(await delivered(gateway, message), id);
    assert.notEqual(await delivered(gateway, answer(chats.room, 'the answer')), id);
    await delivered(gateway, answer(chats.other, 'the answer'));
    assert.deepEqual(textsOf(await trial.shown(chats.room)), ['the answer', 'the answer']);
    assert.deepEqual(textsOf(await trial.shown(chats.other)), ['the answer']);
  },

  'delivers once for each delivery key, also when the next process repeats it': async (trial) => {
    const { gateway, chats } = trial;
    await met(trial);
    const message = answer(chats.room, 'the answer');
    const id = await delivered(gateway, message);
    const next = await trial.restarted();
    await next.start(makeInlet().inlet);
    assert.equal(await delivered(next, message), id);
    assert.deepEqual(textsOf(await trial.shown(chats.room)), ['the answer']);
  },

  'delivers in the order of the calls, each as the reply that it is': async (trial) => {
    const { gateway, chats } = trial;
    const taken = await met(trial);
    const question = await trial.say(chats.room, 'a question');
    await taken.until(() => taken.received.length === 1);
    await delivered(gateway, answer(chats.room, 'message 1', { replyTo: question, answers: [question] }));
    await delivered(gateway, answer(chats.room, 'message 2'));
    await delivered(gateway, answer(chats.room, 'message 3'));
    const shown = await trial.shown(chats.room);
    assert.deepEqual(textsOf(shown), inOrder(3));
    assert.deepEqual(
      shown.map(({ replyTo }) => replyTo),
      [question, undefined, undefined],
    );
  },

  'delivers all of a long text': async (trial) => {
    const { gateway, chats } = trial;
    await met(trial);
    await delivered(gateway, answer(chats.room, LONG));
    const words = textsOf(await trial.shown(chats.room)).join('\n');
    for (const paragraph of PARAGRAPHS) assert.ok(words.includes(paragraph), paragraph.slice(0, 20));
  },

  'replaces a draft by its answer, and shows no draft after it': async (trial) => {
    const { gateway, chats } = trial;
    const taken = await met(trial);
    const question = await trial.say(chats.room, 'a question');
    await taken.until(() => taken.received.length === 1);
    const message = answer(chats.room, 'The train leaves at nine.', { replyTo: question, answers: [question] });
    const { chatId, deliveryKey } = message;
    await gateway.showDraft({ chatId, deliveryKey, text: 'The train', replyTo: question });
    assert.deepEqual(textsOf(await trial.shown(chats.room)), ['The train']);
    const id = await delivered(gateway, message);
    assert.deepEqual(textsOf(await trial.shown(chats.room)), [message.text]);
    await gateway.showDraft({ chatId, deliveryKey, text: 'The train leaves', replyTo: question }).catch(() => undefined);
    assert.deepEqual(textsOf(await trial.shown(chats.room)), [message.text]);
    assert.equal(await delivered(gateway, message), id);
  },

  'removes a draft that is withdrawn, and no answer': async (trial) => {
    const { gateway, chats } = trial;
    if (!gateway.withdraw) return;
    const taken = await met(trial);
    const question = await trial.say(chats.room, 'a question');
    await taken.until(() => taken.received.length === 1);
    const about = { replyTo: question, answers: [question] };
    const { chatId, deliveryKey } = answer(chats.room, '', about);
    await gateway.showDraft({ chatId, deliveryKey, text: 'The train', replyTo: question });
    await gateway.withdraw(chatId, deliveryKey);
    assert.deepEqual(textsOf(await trial.shown(chats.room)), []);
    const sent = answer(chats.room, 'The train leaves at nine.', about);
    await delivered(gateway, sent);
    await gateway.withdraw(chatId, sent.deliveryKey);
    assert.deepEqual(textsOf(await trial.shown(chats.room)), [sent.text]);
  },

  'edits what it has sent': async (trial) => {
    const { gateway, chats } = trial;
    if (!gateway.edit) return;
    await met(trial);
    const id = await delivered(gateway, answer(chats.room, 'I will look.'));
    assert.ok(id);
    assert.equal(await gateway.edit(chats.room, id, 'I will look: 50 %'), true);
    assert.deepEqual(textsOf(await trial.shown(chats.room)), ['I will look: 50 %']);
  },

  'shows buttons below a message, or the text alone where it has none': async (trial) => {
    const { gateway, chats } = trial;
    await met(trial);
    const message = answer(chats.room, 'May it run?', { buttons: BUTTONS });
    const id = await delivered(gateway, message);
    assert.equal(await delivered(gateway, message), id);
    assert.deepEqual(await trial.shown(chats.room), [{ text: 'May it run?', ...(trial.tap ? { buttons: BUTTONS } : {}) }]);
  },

  'hands over who tapped what below which message, and shows the words that come of it': async (trial) => {
    const { gateway, chats } = trial;
    const taken = await met(trial);
    if (!trial.tap) return;
    const id = await delivered(gateway, answer(chats.room, 'May it run?', { buttons: BUTTONS }));
    assert.ok(id);
    taken.control.words = 'Approved: it runs now.';
    for (const { data } of BUTTONS) assert.equal(await trial.tap(chats.room, id, data), 'Approved: it runs now.');
    const [first] = taken.taps;
    assert.ok(first);
    assert.deepEqual(
      [first.sender.kind === 'person' || first.sender.kind === 'operator', gatewayOf(first.sender.id)],
      [true, gateway.name],
    );
    assert.deepEqual(
      taken.taps.map(({ chatId, messageId, data }) => ({ chatId, messageId, data })),
      BUTTONS.map(({ data }) => ({ chatId: chats.room, messageId: id, data })),
    );
  },

  'answers a tap in words that nobody takes': async (trial) => {
    const { gateway, chats } = trial;
    const taken = await met(trial);
    if (!trial.tap) return;
    const id = await delivered(gateway, answer(chats.room, 'May it run?', { buttons: BUTTONS }));
    assert.ok(id);
    taken.control.isRefusing = true;
    const words = await trial.tap(chats.room, id, 'a:1');
    assert.match(words, /\w/);
    assert.doesNotMatch(words, /Approved|the bot stops/);
  },

  'shows long words of a tap in short': async (trial) => {
    const { gateway, chats } = trial;
    const taken = await met(trial);
    if (!trial.tap) return;
    const id = await delivered(gateway, answer(chats.room, 'May it run?', { buttons: BUTTONS }));
    assert.ok(id);
    taken.control.words = 'no '.repeat(200);
    const words = await trial.tap(chats.room, id, 'a:1');
    assert.ok(words.startsWith('no no ') && words.length <= 200);
  },

  'removes the buttons of what it edits': async (trial) => {
    const { gateway, chats } = trial;
    if (!gateway.edit) return;
    await met(trial);
    const id = await delivered(gateway, answer(chats.room, 'May it run?', { buttons: BUTTONS }));
    assert.ok(id);
    assert.equal(await gateway.edit(chats.room, id, 'May it run?'), true);
    assert.deepEqual(await trial.shown(chats.room), [{ text: 'May it run?' }]);
    assert.equal(await gateway.edit(chats.room, id, 'It ran.'), true);
    assert.deepEqual(await trial.shown(chats.room), [{ text: 'It ran.' }]);
  },

  'keeps everything in the thread that it is for': async (trial) => {
    const { gateway, chats } = trial;
    const { thread } = chats;
    if (!thread) return;
    assert.equal(roomOf(thread), chats.room);
    const taken = await met(trial);
    const question = await trial.say(thread, 'a question in the thread');
    await taken.until(() => taken.received.length === 1);
    assert.equal(taken.received[0]?.chat.id, thread);
    await gateway.showTyping(thread);
    if (trial.typing) assert.deepEqual(await trial.typing(), [thread]);
    await delivered(gateway, answer(thread, LONG, { replyTo: question, answers: [question] }));
    await delivered(gateway, answer(thread, 'the outcome'));
    assert.deepEqual(textsOf(await trial.shown(chats.room)), []);
    const shown = textsOf(await trial.shown(thread));
    for (const paragraph of [...PARAGRAPHS, 'the outcome']) assert.ok(shown.join('\n').includes(paragraph), paragraph.slice(0, 20));
  },
};

const BUTTONS: readonly MessageButton[] = [
  { label: 'Approve', data: 'a:1' },
  { label: 'Deny', data: 'd:1' },
];

/** Three messages of most platforms. */
const PARAGRAPHS = Array.from({ length: 12 }, (_, at) => `Paragraph ${at + 1}. ${'It goes on and on. '.repeat(45).trim()}`);
const LONG = PARAGRAPHS.join('\n\n');
