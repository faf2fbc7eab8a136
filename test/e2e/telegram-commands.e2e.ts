import { strict as assert } from 'node:assert';
import { openSqliteStorage, type SqliteStorage } from '../../src/adapters/sqlite/storage.ts';
import { type PromiseStatus, promiseId } from '../../src/domain/index.ts';
import { telegramChat, telegramMessage, telegramUser } from '../../src/testing/index.ts';
import type { SentMessage } from '../fakes/telegram/index.ts';
import { until } from '../support/chat-api.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { addCrowd, saidByBot } from '../support/telegram-crowd.ts';
import { ADA, BOT, makeTelegramSite, STRANGER, TEAM_GROUP, type TelegramSite } from '../support/telegram-site.ts';

/** Commands that depend on nothing before them, and the reply to each. */
const REPLIES: readonly (readonly [command: string, reply: RegExp])[] = [
  ['/start', /^I am Kept, the agent that keeps its promises\..*\/promises – /s],
  ['/help', /^Write to me in your own words\..*\/whoami – /s],
  ['/ping', /^pong: /],
  ['ping', /^pong: /],
  ['/status', /^Kept is /],
  ['/promises', /^There are no promises in this chat\.$/],
  ['/cancel 4711', /^There is no promise #4711 in this chat\.$/],
  ['/cancel', /^Which promise\? For example: \/cancel 3\. \/promises lists them\.$/],
  ['/retry 4711', /^There is no promise #4711 in this chat\.$/],
  ['/retry it', /^Which promise\? For example: \/retry 3\. \/promises lists them\.$/],
  ['/stop', /^Nothing is running in this chat\.$/],
  ['/usage', /^Tokens used by the answers and promises of this chat:\nToday \(UTC\): 0 in, 0 out/],
  ['/approve 3', /^Nothing waits for approval\.$/],
  ['/deny 3', /^Nothing waits for approval\.$/],
];

describe('Chat commands on Telegram (rule 9)', function () {
  this.timeout(60_000);
  let site: TelegramSite;
  let kept: KeptProcess;
  let storage: SqliteStorage;
  let people: number[];

  before(async () => {
    site = await makeTelegramSite();
    people = [...(await addCrowd(site, { people: REPLIES.length + 5, supergroups: 0 })).people];
    kept = await startKept(site, 'start');
    storage = await openSqliteStorage({ path: site.database });
  });
  after(async () => {
    await storage?.close();
    await kept?.stop();
    await site?.remove();
  });
  afterEach(() => site.server.assertClean());

  /** A person whom no test has used yet, so that no test waits for the messages of another. */
  const somebody = (): number => people.pop() ?? assert.fail('everybody has been asked something');

  const say = (from: number, text: string): number =>
    site.server.world.messageId(site.server.world.sendMessage({ from, chat: BOT, text }), BOT);

  const answerTo = (chat: number, id: number): Promise<SentMessage> =>
    site.server.sent.until((item) => item.chat === chat && item.replyTo === id);

  const ask = (chat: number, text: string): Promise<SentMessage> => answerTo(chat, say(chat, text));

  const untilStatus = (id: number, status: PromiseStatus) =>
    until(`promise #${id} is ${status}`, async () => (await storage.stores.promises.get(promiseId(id)))?.status === status);

  for (const [command, reply] of REPLIES)
    it(`answers ${command}`, async () => {
      assert.match((await ask(somebody(), command)).text, reply);
    });

  it('/whoami names the person, the chat and the rule that lets them in', async () => {
    const chat = somebody();
    const { text } = await ask(chat, '/whoami');
    for (const part of [
      `id ${telegramUser(chat)}.`,
      `Chat: ${telegramChat(chat)}, a direct conversation.`,
      `whitelisted-user-id, set at dm_whitelist.allowed_user_ids.${chat}`,
    ])
      assert.ok(text.includes(part), text);
  });

  it('runs a command in a group that names this bot, and none that names another one', async () => {
    const { world, sent } = site.server;
    const send = (text: string): number => world.messageId(world.sendMessage({ from: STRANGER, chat: TEAM_GROUP, text }), BOT);
    const theirs = send('/whoami@other_bot');
    const answer = await answerTo(TEAM_GROUP, send('/whoami@kept_bot'));
    assert.match(answer.text, /a group, workspace Orchard\.\nAllowed by rule workspace-group/);
    const record = await storage.stores.messages.get(telegramChat(TEAM_GROUP), telegramMessage(theirs));
    assert.equal(record?.verdict?.kind, 'remembered');
    assert.ok(!sent.items.some(({ replyTo, chat }) => chat === TEAM_GROUP && replyTo === theirs));
  });

  it('/new forgets the conversation', async () => {
    const chat = somebody();
    await ask(chat, 'the word is xylophone');
    const conversation = () => storage.stores.conversations.recent(telegramChat(chat), 50);
    assert.ok((await conversation()).some(({ step }) => step.role === 'person' && step.text.includes('xylophone')));
    assert.match(
      (await ask(chat, '/new')).text,
      /^A new conversation begins: what was said here before is not shown to me any more\. .*promises \(\/promises\) stay\.$/,
    );
    assert.deepEqual(await conversation(), []);
  });

  it('/usage counts what answers have used', async () => {
    const chat = somebody();
    await ask(chat, 'hello');
    assert.match((await ask(chat, '/usage')).text, /Today \(UTC\): [1-9]\d* in, [1-9]\d* out, 1 turn\n/);
  });

  it('/stop aborts the running turn: its draft is replaced, and the next message is answered at once', async () => {
    const { sent, edits } = site.server;
    const chat = somebody();
    // Without the stop, it takes more than a minute, which is longer than a reply may take.
    const asked = say(chat, 'write 9000 characters slowly');
    const draft = await answerTo(chat, asked);
    assert.match(draft.text, /^Paragraph 1\./);
    const stop = say(chat, '/stop');
    const stopped = await edits.until((edit) => edit.chat === chat && edit.text.startsWith('Stopped'));
    assert.deepEqual([stopped.id, stopped.text], [draft.id, 'Stopped, as you asked. Nothing was changed.']);
    const verdicts = await Promise.all([asked, stop].map((id) => storage.stores.messages.get(telegramChat(chat), telegramMessage(id))));
    const turns = verdicts.map((record) => (record?.verdict?.kind === 'answered' ? record.verdict.turnId : undefined));
    assert.ok(turns[0]);
    assert.equal(turns[0], turns[1]);
    assert.equal((await storage.stores.turns.get(turns[0]))?.outcome, 'stopped');
    // One turn runs at a time in a chat: this answer is proof that the other one is over.
    assert.match((await ask(chat, 'and now')).text, /“and now”/);
    assert.equal(saidByBot(site, chat).length, 2);
    assert.ok(!sent.items.some((item) => item.chat === chat && item.text.includes('goes on in the background')));
  });

  it('/promises, /cancel and /retry reach the promises of their own chat', async () => {
    const { sent } = site.server;
    const chat = ADA;
    const made = await ask(chat, 'in the background, write 90000 characters slowly');
    const id = Number(/^Promise #(\d+):/.exec(made.text)?.[1]);
    await untilStatus(id, 'in_progress');
    assert.equal((await ask(somebody(), `/cancel ${id}`)).text, `There is no promise #${id} in this chat.`);
    assert.equal((await ask(chat, '/promises')).text, `#${id} in progress: write 90000 characters slowly`);

    assert.equal((await ask(chat, `/cancel ${id}`)).text, `Promise #${id} was cancelled.`);
    await untilStatus(id, 'cancelled');
    const end = await sent.until((item) => item.chat === chat && item.text.startsWith(`Promise #${id} is cancelled`));
    assert.equal(end.replyTo, made.replyTo);

    await until('its run has ended', async () => !('lease' in ((await storage.stores.promises.get(promiseId(id))) ?? {})));
    assert.equal((await ask(chat, `/retry ${id}`)).text, `Promise #${id} will be tried again.`);
    await untilStatus(id, 'in_progress');
    assert.match((await ask(chat, `/retry ${id}`)).text, /^Not done: /);
    assert.equal((await ask(chat, `/cancel ${id}`)).text, `Promise #${id} was cancelled.`);
    await untilStatus(id, 'cancelled');
  });
});
