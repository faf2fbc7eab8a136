import { expect } from 'chai';
import { type LocalChatEvent, makeLocalChat } from '../../../src/adapters/local-chat/index.ts';
import { systemClock, systemRandomness } from '../../../src/adapters/system/index.ts';
import { makeDeliverInbound } from '../../../src/application/inbox/deliver-inbound.ts';
import {
  AGENT_ID,
  DEFAULT_LOCAL_CHAT,
  type IncomingMessage,
  localChatId,
  MAX_MESSAGE_LENGTH,
  OPERATOR_ID,
  SELF_PING_CHAT,
} from '../../../src/domain/index.ts';
import { type Clock, isPortError, type LocalTranscript } from '../../../src/ports/index.ts';
import {
  buildInlet,
  buildRecord,
  localMessage,
  makeFixedClock,
  makeRecordingLogger,
  numberIn,
  telegramChat,
} from '../../../src/testing/index.ts';
import { makeChanges, makeTranscript } from '../../support/http-api.ts';
import { logged } from '../../support/logged.ts';

const OTHER_CHAT = localChatId(2);

const makeProcess = (transcript: LocalTranscript, changes = makeChanges(), clock: Clock = systemClock) => {
  const logger = makeRecordingLogger();
  return { chat: makeLocalChat({ transcript, clock, randomness: systemRandomness, changes, events: logged(logger) }), changes, logger };
};

/** Keeps what it was given, and lets a test wait for the n-th. */
const collector = <T>() => {
  const items: T[] = [];
  let wake = (): void => undefined;
  return {
    items,
    add: (item: T): void => {
      items.push(item);
      wake();
    },
    count: async (wanted: number): Promise<T[]> => {
      while (items.length < wanted)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return items;
    },
  };
};

const textsOf = (events: readonly LocalChatEvent[]): string[] =>
  events.map((event) => (event.type === 'message' ? `${numberIn(event.message.messageId)}:${event.message.text}` : `draft:${event.text}`));

describe('the local chat', () => {
  it('resolves a post only when the receiver has taken the message, and marks it as received', async () => {
    const transcript = makeTranscript();
    const { chat } = makeProcess(transcript);
    const received: IncomingMessage[] = [];
    await chat.start(buildInlet({ received: async (message) => void received.push(message) }));
    const posted = await chat.post(DEFAULT_LOCAL_CHAT, 'hello');
    expect(posted.ok && posted.value).to.include({
      chatId: DEFAULT_LOCAL_CHAT,
      messageId: localMessage(1),
      text: 'hello',
      from: 'operator',
    });
    expect(received).to.have.length(1);
    expect(received[0]).to.deep.include({
      chat: { id: DEFAULT_LOCAL_CHAT, kind: 'direct' },
      messageId: localMessage(1),
      text: 'hello',
      sender: { id: OPERATOR_ID, kind: 'operator', displayName: 'operator' },
    });
    expect(await transcript.unreceived(10)).to.deep.equal([]);
  });

  it('hands over what came while nobody listened before start resolves, in order', async () => {
    const transcript = makeTranscript();
    const before = makeProcess(transcript);
    for (const text of ['one', 'two', 'three']) await before.chat.post(DEFAULT_LOCAL_CHAT, text);
    const after = makeProcess(transcript);
    const received: string[] = [];
    await after.chat.start(buildInlet({ received: async ({ text }) => void received.push(text) }));
    expect(received).to.deep.equal(['one', 'two', 'three']);
  });

  it('hands a message over again when the receiver rejected, at the next change', async () => {
    const transcript = makeTranscript();
    const { chat, changes, logger } = makeProcess(transcript);
    let broken = true;
    const received = collector<string>();
    await chat.start(
      buildInlet({
        received: async ({ text }) => {
          if (broken) throw new Error('disk full');
          received.add(text);
        },
      }),
    );
    expect((await chat.post(DEFAULT_LOCAL_CHAT, 'one')).ok).to.equal(true);
    expect(received.items).to.deep.equal([]);
    expect(logger.lines.filter(({ level }) => level === 'warn')[0]?.fields).to.include({ reason: 'disk full', messageId: localMessage(1) });
    broken = false;
    changes.tell();
    expect(await received.count(1)).to.deep.equal(['one']);
    await chat.post(DEFAULT_LOCAL_CHAT, 'two');
    expect(received.items).to.deep.equal(['one', 'two']);
    expect(await transcript.unreceived(10)).to.deep.equal([]);
  });

  it('lets no message of a chat overtake one that fails, and holds no other chat up', async () => {
    const clock = makeFixedClock();
    const transcript = makeTranscript();
    const { chat, logger } = makeProcess(transcript, makeChanges(), clock);
    let broken = true;
    const received = collector<string>();
    const receive = async (message: IncomingMessage) => {
      if (broken && message.text === 'one') throw new Error('disk full');
      received.add(message.text);
      return buildRecord(message);
    };
    const inlet = makeDeliverInbound({
      receive,
      erase: async () => undefined,
      followMove: async () => undefined,
      clock,
      events: logged(logger),
    });
    await chat.start(inlet);
    const posts = [chat.post(DEFAULT_LOCAL_CHAT, 'one'), chat.post(DEFAULT_LOCAL_CHAT, 'two'), chat.post(OTHER_CHAT, 'elsewhere')];
    expect(await received.count(1)).to.deep.equal(['elsewhere']);
    broken = false;
    await clock.untilTimer();
    clock.advance(1_000);
    await Promise.all(posts);
    expect(received.items).to.deep.equal(['elsewhere', 'one', 'two']);
    await Promise.all([inlet.stop(), chat.stop()]);
    expect(await transcript.unreceived(10)).to.deep.equal([]);
  });

  it('resolves a post after five seconds when its message is not received by then: it is stored', async () => {
    const clock = makeFixedClock();
    const transcript = makeTranscript();
    const { chat } = makeProcess(transcript, makeChanges(), clock);
    const gate = Promise.withResolvers<void>();
    await chat.start(buildInlet({ received: () => gate.promise }));
    const posted = chat.post(DEFAULT_LOCAL_CHAT, 'one');
    await clock.untilTimer();
    clock.advance(5_000);
    expect((await posted).ok).to.equal(true);
    expect(await transcript.unreceived(10)).to.have.length(1);
    gate.resolve();
    await chat.stop();
    expect(await transcript.unreceived(10)).to.deep.equal([]);
  });

  it('notices what another process posted, and shows what it stored to those who watch', async () => {
    const transcript = makeTranscript();
    const agent = makeProcess(transcript);
    const terminal = makeProcess(transcript);
    const received = collector<string>();
    const shown = collector<LocalChatEvent>();
    await agent.chat.start(buildInlet({ received: async ({ text }) => received.add(text) }));
    terminal.chat.subscribe(DEFAULT_LOCAL_CHAT, shown.add, 0);
    await terminal.chat.post(DEFAULT_LOCAL_CHAT, 'hello');
    agent.changes.tell();
    await received.count(1);
    await agent.chat.send({ chatId: DEFAULT_LOCAL_CHAT, text: 'hi', answers: [], deliveryKey: '7' });
    terminal.changes.tell();
    expect(textsOf(await shown.count(2))).to.deep.equal(['1:hello', '2:hi']);
  });

  it('takes a hundred posts at once without losing, doubling or reordering one', async () => {
    const transcript = makeTranscript();
    const { chat } = makeProcess(transcript);
    const received: string[] = [];
    await chat.start(buildInlet({ received: async ({ text, messageId }) => void received.push(`${numberIn(messageId)} ${text}`) }));
    const texts = Array.from({ length: 100 }, (_, i) => `message ${i}`);
    await Promise.all(texts.map((text) => chat.post(DEFAULT_LOCAL_CHAT, text)));
    expect(received).to.deep.equal(texts.map((text, i) => `${i + 1} ${text}`));
  });

  it('refuses empty, too long and foreign messages and stores nothing', async () => {
    const transcript = makeTranscript();
    const { chat } = makeProcess(transcript);
    const refusals = [
      await chat.post(DEFAULT_LOCAL_CHAT, ' \n'),
      await chat.post(DEFAULT_LOCAL_CHAT, 'x'.repeat(MAX_MESSAGE_LENGTH + 1)),
      await chat.post(telegramChat(123), 'hello'),
      await chat.post(SELF_PING_CHAT, 'hello'),
    ];
    expect(refusals.map((refused) => (refused.ok ? 'taken' : refused.error.code))).to.deep.equal([
      ...['message/empty', 'message/too-long', 'chat/not-local', 'chat/not-local'],
    ]);
    expect(await transcript.unreceived(10)).to.deep.equal([]);
    expect((await chat.post(DEFAULT_LOCAL_CHAT, 'x'.repeat(MAX_MESSAGE_LENGTH))).ok).to.equal(true);
  });

  it('delivers once however often one delivery key is sent, to its own chats alone', async () => {
    const { chat } = makeProcess(makeTranscript());
    const answer = { chatId: DEFAULT_LOCAL_CHAT, text: 'done', answers: [], deliveryKey: '42' };
    expect([await chat.send(answer), await chat.send(answer)]).to.deep.equal([localMessage(1), localMessage(1)]);
    expect(await chat.list(DEFAULT_LOCAL_CHAT, 0, 10)).to.have.length(1);
    expect(chat.name).to.equal('local');
    const refused = await chat.send({ ...answer, chatId: telegramChat(123) }).catch((error: unknown) => error);
    expect(isPortError(refused) && refused.code).to.equal('invalid-request');
  });

  it('shows a growing draft to those who come later too, and lets the answer take its place', async () => {
    const { chat } = makeProcess(makeTranscript());
    void chat.showDraft({ chatId: DEFAULT_LOCAL_CHAT, text: 'The answer', deliveryKey: '1' });
    const shown = collector<LocalChatEvent>();
    chat.subscribe(DEFAULT_LOCAL_CHAT, shown.add);
    expect(textsOf(await shown.count(1))).to.deep.equal(['draft:The answer']);
    void chat.showDraft({ chatId: DEFAULT_LOCAL_CHAT, text: 'The answer is', deliveryKey: '1' });
    await shown.count(2);
    const question = await chat.post(DEFAULT_LOCAL_CHAT, 'which?');
    await chat.send({ chatId: DEFAULT_LOCAL_CHAT, text: 'a result', answers: [], deliveryKey: '2' });
    await shown.count(4);
    await chat.send({ chatId: DEFAULT_LOCAL_CHAT, text: '42', answers: question.ok ? [question.value.messageId] : [], deliveryKey: '1' });
    expect(textsOf(await shown.count(6)).slice(1, 4)).to.deep.equal(['draft:The answer is', '1:which?', '2:a result']);
    expect(textsOf(shown.items).slice(4).sort()).to.deep.equal(['3:42', 'draft:']);
  });

  it('shows a slow watcher every message and only the newest draft, and holds nobody else back', async () => {
    const { chat } = makeProcess(makeTranscript());
    const slow = collector<LocalChatEvent>();
    const fast = collector<LocalChatEvent>();
    const gate = Promise.withResolvers<void>();
    chat.subscribe(
      DEFAULT_LOCAL_CHAT,
      (event) => {
        slow.add(event);
        return gate.promise;
      },
      0,
    );
    chat.subscribe(DEFAULT_LOCAL_CHAT, fast.add, 0);
    await chat.post(DEFAULT_LOCAL_CHAT, 'one');
    await chat.post(DEFAULT_LOCAL_CHAT, 'two');
    for (let length = 1; length <= 50; length++)
      void chat.showDraft({ chatId: DEFAULT_LOCAL_CHAT, text: 'x'.repeat(length), deliveryKey: '1' });
    await fast.count(3);
    expect(textsOf(slow.items)).to.deep.equal(['1:one']);
    gate.resolve();
    expect(textsOf(await slow.count(3))).to.deep.equal(['1:one', '2:two', `draft:${'x'.repeat(50)}`]);
  });

  it('resumes behind a given message, over more than one page, and stops when the watcher leaves', async () => {
    const { chat } = makeProcess(makeTranscript());
    for (let n = 1; n <= 250; n++) await chat.send({ chatId: DEFAULT_LOCAL_CHAT, text: `m${n}`, answers: [], deliveryKey: String(n) });
    const shown = collector<LocalChatEvent>();
    const leave = chat.subscribe(DEFAULT_LOCAL_CHAT, shown.add, 20);
    expect(textsOf(await shown.count(230))).to.deep.equal(Array.from({ length: 230 }, (_, i) => `${i + 21}:m${i + 21}`));
    leave();
    const witness = collector<LocalChatEvent>();
    chat.subscribe(DEFAULT_LOCAL_CHAT, witness.add, 250);
    await chat.send({ chatId: DEFAULT_LOCAL_CHAT, text: 'late', answers: [], deliveryKey: '999' });
    await witness.count(1);
    expect(shown.items).to.have.length(230);
  });

  it('pings the agent as the agent itself, in a chat of its own', async () => {
    const { chat } = makeProcess(makeTranscript());
    const early = await chat.ping('n1').catch((error: unknown) => error);
    expect(isPortError(early) && early.code).to.equal('unavailable');
    const received: IncomingMessage[] = [];
    const shown = collector<LocalChatEvent>();
    await chat.start(buildInlet({ received: async (message) => void received.push(message) }));
    expect(received, 'a ping that was lost is not repeated').to.deep.equal([]);
    chat.subscribe(SELF_PING_CHAT, shown.add, 1);
    const id = await chat.ping('n2');
    expect(received[0]).to.deep.include({ chat: { id: SELF_PING_CHAT, kind: 'direct' }, messageId: id, text: 'ping n2' });
    expect(received[0]?.sender).to.include({ id: AGENT_ID, kind: 'self' });
    await chat.send({ chatId: SELF_PING_CHAT, text: 'pong', answers: [id], deliveryKey: '5' });
    expect(textsOf(await shown.count(2))).to.deep.equal(['2:ping n2', '3:pong']);
  });

  it('hands over nothing after stop', async () => {
    const transcript = makeTranscript();
    const { chat, changes } = makeProcess(transcript);
    const received: string[] = [];
    await chat.start(buildInlet({ received: async ({ text }) => void received.push(text) }));
    await chat.stop();
    await chat.post(DEFAULT_LOCAL_CHAT, 'later');
    changes.tell();
    expect(received).to.deep.equal([]);
    expect(await transcript.unreceived(10)).to.have.length(1);
  });
});
