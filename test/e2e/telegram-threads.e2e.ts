import { strict as assert } from 'node:assert';
import { openSqliteStorage, type SqliteStorage } from '../../src/adapters/sqlite/storage.ts';
import { promiseId } from '../../src/domain/index.ts';
import { telegramChat, telegramMessage } from '../../src/testing/index.ts';
import type { Message, SentMessage, TlObject, Topic } from '../fakes/telegram/index.ts';
import { until } from '../support/chat-api.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { ADA, BOT, makeTelegramSite, type TelegramSite } from '../support/telegram-site.ts';
import {
  addThreads,
  assertNothingElsewhere,
  commentThread,
  FORUM,
  isIn,
  privateThread,
  saidIn,
  sentIn,
  type Thread,
  topicThread,
} from '../support/telegram-threads.ts';

/** An answer of three messages, and one that is sent as a file. */
const LONG = 'write 10000 characters';
const TOO_LONG = 'write 60000 characters';
const PROMISE = 'in the background, count the TODO comments in this project';

/** The kinds of threads; each test opens new ones. */
const PLACES: Readonly<Record<string, (site: TelegramSite, name: string) => Thread>> = {
  'a topic': (site, name) => topicThread(site, site.server.world.createTopic({ from: ADA, chat: FORUM, title: name })),
  'the comments below a post': commentThread,
  'a topic of a private chat': privateThread,
};

describe('Threads on Telegram', function () {
  this.timeout(90_000);
  let site: TelegramSite;
  let storage: SqliteStorage | undefined;
  const running = new Set<KeptProcess>();

  const start = async (role: 'start' | 'bot' | 'worker' = 'start'): Promise<KeptProcess> => {
    const kept = await startKept(site, role);
    running.add(kept);
    return kept;
  };
  /** Ends the process at once, as a power cut would. */
  const kill = async (kept: KeptProcess): Promise<void> => {
    running.delete(kept);
    await kept.kill();
  };

  beforeEach(async () => {
    site = await makeTelegramSite({ KEPT_REHEARSAL_PACE_MS: '0' });
    await addThreads(site);
  });
  afterEach(async () => {
    for (const kept of running) await kept.stop();
    running.clear();
    await storage?.close();
    storage = undefined;
    site.server.assertClean();
    await site.remove();
  });

  const opened = async (): Promise<SqliteStorage> => {
    const made = await openSqliteStorage({ path: site.database });
    storage = made;
    return made;
  };
  const numberOf = (message: Message): number => site.server.world.messageId(message, BOT);
  const answerTo = (thread: Thread, question: Message): Promise<SentMessage> =>
    site.server.sent.until((item) => isIn(item, thread) && item.replyTo === numberOf(question));
  const ask = (thread: Thread, text: string): Promise<SentMessage> => answerTo(thread, thread.say(text));
  const chatOf = ({ chat, id }: Thread) => telegramChat(chat, id);

  /** Checks that every send and every typing names its thread in the raw call. */
  const assertNamed = (...threads: readonly Thread[]): void => {
    assertNothingElsewhere(site, threads);
    const names = new Set(threads.flatMap(({ id }) => id));
    for (const { method, request, outcome } of site.server.calls.items) {
      if (outcome !== 'ok' || !/^messages\.(send(Message|Media|MultiMedia)|setTyping)$/.test(method)) continue;
      const named = method === 'messages.setTyping' ? request : (request.replyTo as TlObject | undefined);
      const top = named?.topMsgId ?? named?.replyToMsgId;
      assert.ok(names.has(Number(top)), `${method} names ${top} as its thread`);
    }
  };

  for (const [place, open] of Object.entries(PLACES)) {
    it(`brings each part of a long answer to ${place}, through a kill -9 after the first part`, async () => {
      const thread = open(site, 'long');
      const first = await start();
      const hold = site.server.faults.hold('messages.sendMessage', 'after');
      const question = thread.say(LONG);
      await hold.held;
      await kill(first);
      await start();
      await until('three parts', async () => saidIn(site, thread).reduce((sum, { text }) => sum + text.length, 0) >= 9_900);
      await ask(thread, 'and now');
      const parts = saidIn(site, thread).slice(0, -1);
      assert.equal(parts.length, 3);
      assert.equal(parts[0]?.replyTo, question);
      assertNamed(thread);
      assert.ok(
        site.server.typing.items.some((item) => isIn(item, thread)),
        'typing is shown in the thread',
      );
    });

    it(`brings the answer to a message that was deleted meanwhile to ${place}, through a kill -9`, async () => {
      const thread = open(site, 'deleted');
      const first = await start();
      const hold = site.server.faults.hold('messages.sendMessage');
      const question = thread.say('are the tomatoes ripe');
      await hold.held;
      site.server.world.deleteMessages(question);
      await kill(first);
      await start();
      const answer = await site.server.sent.until(({ text }) => text.includes('are the tomatoes ripe'));
      assert.ok(isIn(answer, thread));
      await ask(thread, 'and now');
      assert.equal(sentIn(site, thread).filter(({ text }) => text.includes('are the tomatoes ripe')).length, 1);
      assertNamed(thread);
    });

    it(`brings the outcome of a promise to ${place}, though its message was deleted and the bot was killed`, async () => {
      const thread = open(site, 'promise');
      const bot = await start('bot');
      const question = thread.say(PROMISE);
      await answerTo(thread, question);
      await kill(bot);
      site.server.world.deleteMessages(question);
      await start('worker');
      const { stores } = await opened();
      await until('the promise is kept', async () => (await stores.promises.get(promiseId(1)))?.status === 'completed');
      await start('bot');
      const outcome = await site.server.sent.until(({ text }) => /^Promise #1 is kept/.test(text));
      assert.ok(isIn(outcome, thread));
      assertNamed(thread);
    });

    it(`brings an answer that goes as a file to ${place}`, async () => {
      const thread = open(site, 'file');
      await start();
      thread.say(TOO_LONG);
      const file = await until('the file', async () => saidIn(site, thread).find(({ media }) => media), 60_000);
      assert.equal(file.media?._, 'messageMediaDocument');
      assertNamed(thread);
    });

    it(`keeps the conversation of ${place} apart from all others, and /new, /promises and /stop as well`, async () => {
      const [here, there] = [open(site, 'here'), open(site, 'there')] as const;
      await start();
      const { stores } = await opened();
      await ask(here, 'the colour is green');
      await ask(there, 'which colour is it');
      const said = async (thread: Thread) => JSON.stringify(await stores.conversations.recent(chatOf(thread), 50));
      assert.match(await said(here), /green/);
      assert.doesNotMatch(await said(there), /green/);

      await ask(here, PROMISE);
      assert.match((await ask(here, '/promises')).text, /#1\b/);
      assert.equal((await ask(there, '/promises')).text, 'There are no promises in this chat.');

      await ask(there, '/new');
      assert.match(await said(here), /green/);
      assert.doesNotMatch(await said(there), /which colour/);

      here.say('write 9000 characters slowly');
      await until('the run has begun', async () => site.server.typing.items.some((item) => isIn(item, here)));
      assert.match((await ask(there, '/stop')).text, /^Nothing is running in this chat\.$/);
      here.say('/stop');
      await until('it has stopped', async () => saidIn(site, here).some(({ text }) => text.startsWith('Stopped')));
      assertNamed(here, there);
    });
  }

  /** Whether the topic ends before the first part of the answer is sent, or after it. */
  for (const when of ['before', 'after'] as const)
    for (const [ending, end] of Object.entries({
      closed: (topic: Topic): void => {
        site.server.world.editTopic(topic, { closed: true });
      },
      deleted: (topic: Topic): void => site.server.world.deleteTopic(topic),
    }))
      it(`sends a long answer once to General, if its topic was ${ending} ${when} the first part was sent`, async () => {
        const { world, faults } = site.server;
        const topic = world.createTopic({ from: ADA, chat: FORUM, title: 'Ending' });
        const thread = topicThread(site, topic);
        const kept = await start();
        const hold = faults.hold('messages.sendMessage', when);
        const question = thread.say(LONG);
        await hold.held;
        end(topic);
        await kill(kept);
        await start();
        const { stores } = await opened();
        await until('nothing waits to be sent', async () => (await stores.outbox.stats()).pending === 0);
        const record = await stores.messages.get(chatOf(thread), telegramMessage(numberOf(question)));
        assert.equal(record?.verdict?.kind, 'answered');
        assert.equal((await stores.outbox.stats()).failed, 0);
        const said = world.history(BOT, FORUM).filter(({ from, action }) => from === BOT && !action);
        assert.deepEqual(
          said.map((message) => message.thread && numberOf(message.thread)),
          said.map(() => undefined),
          'nothing of it is left in the topic',
        );
        assert.match(said[0]?.text ?? '', /topic.*\n\nParagraph 1\./s);
        const paragraphs = said.flatMap(({ text }) => text.match(/Paragraph \d+/g) ?? []);
        assert.equal(new Set(paragraphs).size, paragraphs.length, 'nothing is said twice');
        assert.ok(said.reduce((sum, { text }) => sum + text.length, 0) >= 9_900, 'all of it is said');
      });
});
