import { strict as assert } from 'node:assert';
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { openSqliteStorage } from '../../src/adapters/sqlite/storage.ts';
import { makeSeededRandomness, telegramChat, telegramMessage } from '../../src/testing/index.ts';
import type { FloodBudget, Message, MtprotoServer } from '../fakes/telegram/index.ts';
import { until } from '../support/chat-api.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { addCrowd, saidByBot } from '../support/telegram-crowd.ts';
import {
  ADA,
  BOT,
  DEV_GROUP,
  makeTelegramSite,
  STRANGER,
  TEAM_GROUP,
  type TelegramSite,
  UNMAPPED_GROUP,
} from '../support/telegram-site.ts';

// Set by the environment: KEPT_TEST_MESSAGES and KEPT_TEST_KILLS for longer runs (1000 and 25 take some four minutes),
// KEPT_TEST_SEED to repeat one, and KEPT_TEST_PACE_MS.
const MESSAGES = Number(process.env.KEPT_TEST_MESSAGES ?? 40);
const KILLS = Number(process.env.KEPT_TEST_KILLS ?? 2);
const SEED = Number(process.env.KEPT_TEST_SEED ?? randomInt(1, 2 ** 31));
/** Slow enough for long answers to be shown as growing drafts. */
const PACE_MS = process.env.KEPT_TEST_PACE_MS ?? '4';
const LONG = 'write 2500 characters';
/** Mostly direct chats: groups take 20 messages a minute. */
const PEOPLE = 15;
const SUPERGROUPS = 3;

/** The round trip of a good network, so that parallel calls change their order. */
const ROUND_TRIP_MS = 5;
/**
 * Budgets of methods that read. A call beyond its budget has to wait, and a call within the wait makes it longer.
 */
const BUDGETS: Readonly<Record<string, FloodBudget>> = {
  'updates.getDifference': { calls: 20, withinMs: 5_000, wait: 2 },
  'updates.getChannelDifference': { calls: 20, withinMs: 5_000, wait: 2 },
  'users.getUsers': { calls: 20, withinMs: 5_000, wait: 2 },
};

/** A message and the verdict that it must get. */
interface Told {
  readonly chat: number;
  /** As the bot numbers it. */
  readonly id: number;
  readonly text: string;
}
type Fate = 'answered' | 'remembered' | 'denied';

/** The newest message of the chat, of the bot or of somebody else. */
const newestIn = ({ world }: MtprotoServer, chat: number, isBots: boolean): Message | undefined =>
  world.history(BOT, chat).findLast(({ from, deleted, action }) => (from === BOT) === isBots && !deleted && !action);

/** What can go wrong between Kept and Telegram, or happen meanwhile. Telegram itself stays correct. */
const MISFORTUNES: readonly (readonly [name: string, strike: (server: MtprotoServer) => void])[] = [
  ['the connection breaks', (server) => server.cutConnections()],
  ['the connection breaks before a send', ({ faults }) => faults.cutBefore('messages.sendMessage')],
  ['the reply to a send is lost with the connection', ({ faults }) => faults.cutAfter('messages.sendMessage')],
  ['the reply to a send is lost', ({ faults }) => faults.swallow('messages.sendMessage', 'after')],
  ['the reply to an edit is lost with the connection', ({ faults }) => faults.cutAfter('messages.editMessage')],
  ['a send meets FLOOD_WAIT_1', ({ faults }) => faults.fail('messages.sendMessage', 'FLOOD_WAIT_1')],
  ['an edit meets FLOOD_WAIT_2', ({ faults }) => faults.fail('messages.editMessage', 'FLOOD_WAIT_2')],
  ['a send meets FLOOD_WAIT_2', ({ faults }) => faults.fail('messages.sendMessage', 'FLOOD_WAIT_2')],
  ['a send meets an internal error', ({ faults }) => faults.fail('messages.sendMessage', 'INTERNAL')],
  ['updates come twice', ({ faults }) => faults.duplicateUpdates(5)],
  ['updates come in reverse', ({ faults }) => faults.reverseUpdates(3)],
  ['updates do not come', ({ faults }) => faults.withholdUpdates(2)],
  ['a difference fails', ({ faults }) => faults.fail('updates.getDifference', 'INTERNAL')],
  ['the reply to a difference is lost with the connection', ({ faults }) => faults.cutAfter('updates.getDifference')],
  ['the reply to a group’s difference is lost with the connection', ({ faults }) => faults.cutAfter('updates.getChannelDifference')],
  ['the salt changes', (server) => server.rotateSalt()],
  ['the account’s difference is refused for a while', ({ faults }) => faults.fail('updates.getDifference', 'FLOOD_WAIT_1')],
  ['a group’s difference is refused for a while', ({ faults }) => faults.fail('updates.getChannelDifference', 'FLOOD_WAIT_1')],
  ['too much has happened', (server) => server.tellTooLong(BOT)],
  [
    'somebody puts a heart on a question, and on an answer',
    (server) => {
      for (const isBots of [false, true]) {
        const message = newestIn(server, TEAM_GROUP, isBots);
        if (message && !message.reactions.has(STRANGER)) server.world.react(STRANGER, message, '❤');
      }
    },
  ],
  [
    'a message changes in what nobody sees',
    (server) => {
      for (const chat of [TEAM_GROUP, DEV_GROUP]) {
        const message = newestIn(server, chat, false);
        if (message) server.world.editHidden(message);
      }
    },
  ],
  ['differences are small', ({ rules }) => Object.assign(rules, { limit: 3, channelLimit: 2 })],
  ['repeats get what they became', (server) => server.answerRepeatsWith('original')],
  ['repeats are refused', (server) => server.answerRepeatsWith('error')],
];

/**
 * Invariants 1, 2 and 4 on Telegram: no message is lost, each is answered once and in order, and nobody else gets an
 * answer.
 */
describe(`Kept on Telegram, with faults and kill -9 at random points (KEPT_TEST_SEED=${SEED})`, function () {
  this.timeout(900_000);
  let site: TelegramSite;
  let kept: KeptProcess | undefined;

  before(async () => {
    // On a busy machine a turn that gathers fifty messages takes long, and must still become an answer.
    site = await makeTelegramSite({ KEPT_REHEARSAL_PACE_MS: PACE_MS, AGENT_TIMEOUT_SECONDS: '300' });
  });
  after(async () => {
    await kept?.stop();
    await site?.remove();
  });

  it(`answers ${MESSAGES} messages once and in order, through ${KILLS} kills and a bad network`, async () => {
    const randomness = makeSeededRandomness(SEED);
    const upTo = (most: number): number => Math.floor(randomness.fraction() * most);
    const { server } = site;
    server.faults.roundTripMs = ROUND_TRIP_MS;
    for (const [method, budget] of Object.entries(BUDGETS)) server.faults.limit(method, budget);
    const { people, supergroups } = await addCrowd(site, { people: PEOPLE, supergroups: SUPERGROUPS });
    const groups = [DEV_GROUP, TEAM_GROUP, ...supergroups];
    const told: Told[] = [];
    const asides: (Told & { readonly fate: Fate })[] = [];
    /** Includes faults that have met no call or update yet: `faults.struck` has those that have. */
    const planned = new Map<string, number>();

    /** `chat` as the bot names it. */
    const say = (from: number, chat: number, text: string): Told => {
      const message = server.world.sendMessage({ from, chat: chat === from ? BOT : chat, text });
      return { chat, id: server.world.messageId(message, BOT), text };
    };
    const tell = (at: number): void => {
      // Each group once, then a group half as often as a person.
      const drawn = at < groups.length ? 2 * people.length + at : upTo(2 * people.length + groups.length);
      const person = people[drawn % people.length] ?? ADA;
      const group = groups[drawn - 2 * people.length];
      const text = `please remember the word pebble-${at}-`;
      const asked = at % 20 === 7 ? `${text}\n${LONG}` : text;
      const message = say(group === undefined ? person : ADA, group ?? person, group === TEAM_GROUP ? `@kept_bot ${asked}` : asked);
      told.push({ ...message, text });
      if (at % 20 === 0) asides.push({ ...say(STRANGER, STRANGER, 'let me in'), fate: 'denied' });
      if (at % 20 === 0) asides.push({ ...say(ADA, UNMAPPED_GROUP, '@kept_bot what was said elsewhere'), fate: 'denied' });
      if (at % 10 === 0) asides.push({ ...say(ADA, TEAM_GROUP, 'only talking'), fate: 'remembered' });
    };
    const misfortune = (): void => {
      const [name, strike] = MISFORTUNES[upTo(MISFORTUNES.length)] as (typeof MISFORTUNES)[number];
      strike(server);
      planned.set(name, (planned.get(name) ?? 0) + 1);
    };
    /** A burst of messages with faults between them. */
    const tellUpTo = async (end: number): Promise<void> => {
      while (told.length < end) {
        tell(told.length);
        if (upTo(4) === 0) misfortune();
        if (upTo(3) === 0) await wait(upTo(120));
      }
    };

    const chatsTold = (): readonly number[] => [...new Set(told.map(({ chat }) => chat))];
    const saidIn = (chat: number): string =>
      saidByBot(site, chat)
        .map(({ text }) => text)
        .join('\n');
    const missing = (): readonly Told[] => {
      const said = new Map(chatsTold().map((chat) => [chat, saidIn(chat)]));
      return told.filter(({ chat, text }) => !said.get(chat)?.includes(`“${text}”`));
    };

    kept = await startKept(site, 'start');
    // The first update of a supergroup tells its pts: only later updates can show a gap.
    while (told.length < groups.length) tell(told.length);
    await until('every group is known', async () => missing().length === 0);
    for (let kill = 1; kill <= KILLS; kill++) {
      const share = Math.floor((MESSAGES * kill) / (KILLS + 1));
      // Some messages arrive while Kept is down.
      await tellUpTo(share - upTo(4));
      await wait(upTo(2_500));
      await kept.kill();
      await tellUpTo(share);
      kept = await startKept(site, 'start');
    }
    await tellUpTo(MESSAGES);
    await wait(upTo(2_500));
    server.faults.clear();
    // A withheld update is noticed with the next one, as on Telegram; those of the account when it reconnects.
    server.cutConnections();
    const peaceAt = performance.now();
    let quietMs = 0;

    const storage = await openSqliteStorage({ path: site.database });
    try {
      try {
        await until('every message is answered', async () => missing().length === 0, 60_000 + MESSAGES * 300);
      } catch (error) {
        const lost = missing().map(({ chat, text }) => `${chat}: ${text}`);
        const facts = JSON.stringify([
          await storage.stores.outbox.stats(),
          await storage.stores.messages.stats(),
          [...server.faults.struck],
        ]);
        throw new Error(`${lost.length} without an answer: ${facts}\n${lost.join('\n')}`, { cause: error });
      }
      quietMs = performance.now() - peaceAt;
      await until('the outbox is empty', async () => (await storage.stores.outbox.stats()).pending === 0);
      // After one more start it sends everything that is still waiting, before it answers the last question.
      await kept.stop();
      kept = await startKept(site, 'start');
      tell(MESSAGES);
      await until('the last message is answered', async () => missing().length === 0);
      const outbox = await storage.stores.outbox.stats();
      assert.equal(outbox.failed, 0, 'no message was given up');
      assert.equal((await storage.stores.messages.stats()).open, 0, 'every message has its verdict');
      const fated = [...told.map((each) => ({ ...each, fate: 'answered' })), ...asides];
      for (const { chat, id, text, fate } of fated) {
        const record = await storage.stores.messages.get(telegramChat(chat), telegramMessage(id));
        assert.equal(record?.verdict?.kind, fate, `the verdict on "${text}" in ${chat}`);
      }
    } finally {
      await storage.close();
    }

    const chats = chatsTold();
    for (const chat of chats) checkChat(site, chat, told);
    assert.deepEqual(saidByBot(site, STRANGER), [], 'a stranger hears nothing');
    assert.deepEqual(saidByBot(site, UNMAPPED_GROUP), [], 'a group of nobody hears nothing');
    const known = new Set<number>(chats);
    for (const { chat, userId } of server.sent.items) assert.ok(userId !== BOT || known.has(chat), `nothing is said in ${chat}`);
    server.assertClean();
    checkWaits(server);
    report(site, chats, { told, planned, quietMs });
  });
});

/** Tells what the run consisted of. */
const report = (
  site: TelegramSite,
  chats: readonly number[],
  { told, planned, quietMs }: { readonly told: readonly Told[]; readonly planned: ReadonlyMap<string, number>; readonly quietMs: number },
): void => {
  const { server } = site;
  const replies = chats.reduce((sum, chat) => sum + saidByBot(site, chat).length, 0);
  const total = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, times) => sum + times, 0);
  const { struck } = server.faults;
  const flooded = server.calls.items.filter(({ method, outcome }) => method in BUDGETS && outcome.startsWith('FLOOD_WAIT')).length;
  console.log(
    `      ${told.length} messages in ${chats.length} chats, ${KILLS} kills, ${total(planned)} misfortunes of ${planned.size} kinds, in which ${total(struck)} calls and updates were struck in ${struck.size} ways, ${flooded} of them beyond their method’s budget, ${replies} messages of the bot, ${server.edits.items.length} edits; all answered ${Math.round(quietMs)} ms into the peace`,
  );
};

/** Checks that hardly any call was made within a wait that the server has asked for. */
const checkWaits = (server: TelegramSite['server']): void => {
  // Only a process that does not know of a wait calls within it.
  const lengthened = server.calls.items.filter(({ method, outcome }) => {
    const wait = Number(/^FLOOD_WAIT_(\d+)$/.exec(outcome)?.[1] ?? 0);
    return wait > (BUDGETS[method]?.wait ?? Number.POSITIVE_INFINITY);
  });
  assert.ok(lengthened.length <= KILLS + 1, `${lengthened.length} calls into a wait`);
};

/** Checks that each text of the chat is quoted once and in order, and no text of another chat. */
const checkChat = (site: TelegramSite, chat: number, told: readonly Told[]): void => {
  const all = saidByBot(site, chat).flatMap(({ text }) => text.match(/please remember the word pebble-\d+-/g) ?? []);
  const mine = told.flatMap((each) => (each.chat === chat ? [each.text] : []));
  assert.deepEqual(all, mine, `chat ${chat}: every message answered once, in order`);
};
