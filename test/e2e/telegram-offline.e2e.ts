import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteStorage } from '../../src/adapters/sqlite/storage.ts';
import { telegramChat, telegramMessage } from '../../src/testing/index.ts';
import type { MtprotoServer } from '../fakes/telegram/index.ts';
import { until } from '../support/chat-api.ts';
import { startKept } from '../support/kept-process.ts';
import { addCrowd, saidByBot } from '../support/telegram-crowd.ts';
import {
  ADA,
  BOT,
  DEV_GROUP,
  GRACE,
  makeTelegramSite,
  STRANGER,
  TEAM_GROUP,
  type TelegramSite,
  UNMAPPED_GROUP,
} from '../support/telegram-site.ts';

// KEPT_TEST_MESSAGES sets how many messages come during an absence.
const MESSAGES = Number(process.env.KEPT_TEST_MESSAGES ?? 200);
const AWAY_S = 2 * 60 * 60;
const PEOPLE = 8;

interface Told {
  /** As the bot names it. */
  readonly chat: number;
  readonly id: number;
  readonly text: string;
  readonly fate: 'answered' | 'remembered' | 'denied';
}

/** How Telegram tells what was missed. */
interface Absence {
  readonly told: string;
  readonly rules: Partial<MtprotoServer['rules']>;
  /** The sentence that Kept must log; undefined where Telegram tells everything, piece by piece. */
  readonly logged?: string;
}

const ABSENCES: readonly Absence[] = [
  { told: 'in small slices', rules: { limit: 40, channelLimit: 15 } },
  {
    told: 'as too long a difference of the account',
    rules: { tooLong: true },
    logged: 'the platform keeps no difference for so long an absence',
  },
  {
    told: 'as too long a difference of the group',
    rules: { channelTooLong: true },
    logged: 'the platform keeps no difference of a group for so long an absence',
  },
];

/**
 * Invariant 1 and rule 10: every message that arrived meanwhile gets its verdict, and its answer once if it deserves
 * one, however late.
 */
describe('Kept on Telegram after two hours away', function () {
  this.timeout(180_000);

  for (const absence of ABSENCES)
    it(`handles ${MESSAGES} missed messages that Telegram tells ${absence.told}`, async () => {
      // The account connects and disconnects before those messages arrive.
      const clock = { behindS: AWAY_S + 60 };
      const site = await makeTelegramSite({}, () => Math.floor(Date.now() / 1000) - clock.behindS);
      try {
        await afterAbsence(site, absence, () => {
          clock.behindS = 0;
        });
      } finally {
        await site.remove();
      }
    });
});

const afterAbsence = async (site: TelegramSite, { rules, logged }: Absence, twoHoursPass: () => void): Promise<void> => {
  const { server } = site;
  const { people } = await addCrowd(site, { people: PEOPLE, supergroups: 0 });
  const before = await startKept(site, 'start');
  server.world.sendMessage({ from: ADA, chat: BOT, text: 'hello' });
  server.world.sendMessage({ from: GRACE, chat: TEAM_GROUP, text: '@kept_bot hello' });
  await server.sent.until(({ chat }) => chat === ADA);
  await server.sent.until(({ chat }) => chat === TEAM_GROUP);
  await before.stop();
  const saidBefore = server.sent.items.length;

  const told = Array.from({ length: MESSAGES }, (_, at) => tell(server, people, at));
  twoHoursPass();
  Object.assign(server.rules, rules);
  server.calls.clear();
  const kept = await startKept(site, 'start');
  const storage = await openSqliteStorage({ path: site.database });
  try {
    for (const { chat, id, text, fate } of told) {
      const record = await until(
        `the verdict on "${text}" in ${chat}`,
        async () => {
          const found = await storage.stores.messages.get(telegramChat(chat), telegramMessage(id));
          return found?.verdict && found;
        },
        90_000,
      );
      assert.equal(record.verdict?.kind, fate, `the verdict on "${text}" in ${chat}`);
    }
    await until('everything is sent', async () => (await storage.stores.outbox.stats()).pending === 0, 90_000);
    assert.equal((await storage.stores.messages.stats()).open, 0);
    assert.equal((await storage.stores.outbox.stats()).failed, 0);
  } finally {
    await kept.stop();
    await storage.close();
  }

  for (const chat of new Set(told.map((each) => each.chat))) {
    const deserving = told.flatMap((each) => (each.chat === chat && each.fate === 'answered' ? [each.text] : []));
    const replies = saidByBot(site, chat).filter(({ text }) => text.includes('while you were away'));
    const quoted = replies.flatMap(({ text }) => text.match(/while you were away, number \d+-/g) ?? []);
    assert.deepEqual(quoted, deserving, `chat ${chat}: each that deserves it is answered once, in order`);
  }
  const late = server.sent.items.slice(saidBefore).filter(({ text }) => text.startsWith('(2 hours late: I was away.)'));
  const answers = server.sent.items.slice(saidBefore).filter(({ replyTo }) => replyTo !== undefined);
  assert.ok(answers.length > 0);
  assert.equal(late.length, answers.length, 'every answer says how late it is');
  const log = await readFile(join(site.dataDir, 'logs', 'kept.log'), 'utf8');
  if (logged !== undefined) assert.ok(log.includes(logged), 'it says in its log what Telegram did not tell');
  else {
    assert.ok(!/keeps no difference/.test(log));
    for (const method of ['updates.getDifference', 'updates.getChannelDifference'])
      assert.ok(server.calls.items.filter((call) => call.method === method).length > 1, `${method} told it in several pieces`);
  }
  assert.ok(!/goes on from now|could not be handed over|cannot be read/.test(log), 'nothing was missed');
  server.assertClean();
};

/** Message number `at`: half are talk in the supergroup, a tenth of it for the bot; the rest goes to other chats. */
const tell = ({ world }: MtprotoServer, people: readonly number[], at: number): Told => {
  const text = `while you were away, number ${at}-`;
  const date = Math.floor(Date.now() / 1000) - AWAY_S;
  const person = people[at % people.length] ?? ADA;
  const say = (from: number, chat: number, said: string, fate: Told['fate']): Told => {
    const message = world.sendMessage({ from, chat: chat === from ? BOT : chat, text: said, date });
    return { chat, id: world.messageId(message, BOT), text, fate };
  };
  if (at % 20 === 0) return say(GRACE, TEAM_GROUP, `@kept_bot ${text}`, 'answered');
  if (at % 2 === 0) return say(ADA, TEAM_GROUP, text, 'remembered');
  if (at % 15 === 1) return say(STRANGER, STRANGER, text, 'denied');
  if (at % 15 === 3) return say(ADA, UNMAPPED_GROUP, `@kept_bot ${text}`, 'denied');
  if (at % 15 === 5) return say(ADA, DEV_GROUP, text, 'answered');
  if (at % 15 === 7) return say(ADA, ADA, text, 'answered');
  return say(person, person, text, 'answered');
};
