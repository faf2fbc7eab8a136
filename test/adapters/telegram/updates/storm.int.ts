import { randomInt } from 'node:crypto';
import { expect } from 'chai';
import { makeSeededRandomness, numberIn, telegramChat } from '../../../../src/testing/index.ts';
import type { MtprotoServer } from '../../../fakes/telegram/index.ts';
import { ACCOUNT, ANN, BOT, groupId, type Life, logged, onStage, SUPERGROUP } from '../gateway-stage.ts';

// Set by the environment to repeat a run, or for longer ones.
const SEED = Number(process.env.KEPT_TEST_SEED ?? randomInt(1, 2 ** 31));
const MESSAGES = Number(process.env.KEPT_TEST_MESSAGES ?? 400);
const GROUPS = 8;
const PEOPLE = 4;
/** So many messages make an album, in the chat where they are sent. */
const ALBUM = 3;

/** Each lets Telegram itself be as it should be. */
const MISFORTUNES: readonly ((server: MtprotoServer) => void)[] = [
  (server) => server.cutConnections(),
  ({ faults }) => faults.withholdUpdates(3),
  ({ faults }) => faults.reverseUpdates(3),
  ({ faults }) => faults.duplicateUpdates(4),
  ({ faults }) => faults.fail('updates.getDifference', 'INTERNAL'),
  ({ faults }) => faults.fail('updates.getChannelDifference', 'INTERNAL', 2),
  ({ faults }) => faults.fail('updates.getChannelDifference', 'FLOOD_WAIT_1'),
  ({ faults }) => faults.fail('updates.getDifference', 'FLOOD_WAIT_1'),
  ({ faults }) => faults.fail('users.getUsers', 'FLOOD_WAIT_1'),
  ({ faults }) => faults.cutAfter('updates.getDifference'),
  ({ faults }) => faults.cutAfter('updates.getChannelDifference'),
  ({ rules }) => Object.assign(rules, { limit: 3, channelLimit: 2, channelsToo: false }),
  ({ rules }) => Object.assign(rules, { limit: Number.POSITIVE_INFINITY, channelLimit: 100, channelsToo: true }),
  ({ rules }) => Object.assign(rules, { tooLong: true, channelTooLong: true }),
  ({ rules }) => Object.assign(rules, { tooLong: false, channelTooLong: false }),
  (server) => server.tellTooLong(BOT),
];

/**
 * What was said in the chat in the order in which the core first sees each message, and each part of an album: those
 * that come again are known to it. An album that loses a part on the way may come as two, and cut elsewhere when it
 * comes again.
 */
const firstsIn = (lives: readonly Life[], chat: number): readonly string[] => {
  const seen = new Map<number, string>();
  for (const { received } of lives)
    for (const message of received)
      for (const { messageId, text } of message.parts ?? [message])
        if (message.chat.id === telegramChat(chat) && !seen.has(numberIn(messageId))) seen.set(numberIn(messageId), text);
  return [...seen.values()].flatMap((text) => text.split('\n')).filter((line) => line !== '[photo]');
};

describe(`Telegram updates through random faults (KEPT_TEST_SEED=${SEED})`, function () {
  this.timeout(120_000);
  for (const account of ['bot', 'user'] as const)
    it(`brings ${MESSAGES} messages to a ${account} once, and in order in each chat, over stops and crashes`, () => {
      const randomness = makeSeededRandomness(SEED);
      const upTo = (most: number): number => Math.floor(randomness.fraction() * most);
      return onStage({ account, timing: { callTimeoutMs: 400, gapPatienceMs: 30, albumPatienceMs: 60 } }, async (stage) => {
        const { server } = stage;
        const { world, faults } = server;
        faults.roundTripMs = 3;
        const us = account === 'bot' ? BOT : ACCOUNT;
        const people = Array.from({ length: PEOPLE }, (_, at) => world.addUser({ id: 301 + at, username: `person_${at}` }).id);
        const groups = Array.from(
          { length: GROUPS },
          (_, at) => world.addSupergroup({ id: SUPERGROUP + 1 + at, title: `Room ${at}`, members: [ANN, us, ...people] }).markedId,
        );
        world.setMember(groupId, people[0] ?? ANN);
        const told = new Map<number, string[]>();
        const tell = (chat: number, from: number, text: string): void => {
          const album = upTo(12) === 0;
          const parts = Array.from({ length: album ? ALBUM : 1 }, (_, at) => (album ? `${text}.${at}` : text));
          for (const part of parts)
            world.sendMessage({
              from,
              chat: chat === from ? us : chat,
              text: part,
              ...(album ? { album: BigInt(text) + 1n, media: { photo: Buffer.from(part) } } : {}),
            });
          told.set(chat, [...(told.get(chat) ?? []), ...parts]);
        };
        const chats = [...people, ...groups, groupId];
        const lives: Life[] = [await stage.start()];
        const newest = (): Life => lives.at(-1) as Life;
        for (let at = 0; at < MESSAGES; at++) {
          const chat = chats[upTo(chats.length)] ?? ANN;
          tell(chat, chat > 0 ? chat : (people[0] ?? ANN), `${at}`);
          if (upTo(8) === 0) MISFORTUNES[upTo(MISFORTUNES.length)]?.(server);
          if (upTo(15) === 0) world.rename(people[upTo(PEOPLE)] ?? ANN, { username: `person_${1_000 + at}` });
          // Lets what was said come in, or not yet.
          if (upTo(4) === 0)
            await newest()
              .gateway.pingServer()
              .catch(() => undefined);
          if (upTo(60) === 0) {
            // A crash: what was received may not be acknowledged yet, and what is stored is not what was known.
            await stage.stop(newest());
            lives.push(await stage.start());
          }
        }
        faults.clear();
        Object.assign(server.rules, { tooLong: false, channelTooLong: false, limit: 100, channelLimit: 100 });
        server.cutConnections();
        const isAllThere = () => [...told].every(([chat, texts]) => firstsIn(lives, chat).length >= texts.length);
        await newest()
          .until('all of them', isAllThere, 40_000)
          .catch((error: unknown) => {
            const missing = [...told].map(([chat, texts]) => [chat, texts.filter((text) => !firstsIn(lives, chat).includes(text))]);
            throw new Error(`missing: ${JSON.stringify(missing)}\n${logged(newest())}`, { cause: error });
          });
        for (const [chat, texts] of told) expect(firstsIn(lives, chat), `chat ${chat}, seed ${SEED}`).to.deep.equal(texts);
        for (const life of lives) {
          // What comes in amid a search by number is found, and comes in its turn as well: the core knows it.
          if (life.lines.some(({ message }) => message.includes('one by one'))) continue;
          const heard = life.received.map(({ chat: { id: chatId }, messageId }) => `${chatId}:${messageId}`);
          const twice = heard.filter((message, at) => heard.indexOf(message) !== at);
          expect(twice, `no process hears a message twice; seed ${SEED}\n${twice.length > 0 ? logged(life) : ''}`).to.deep.equal([]);
        }
        for (const { lines } of lives) expect(lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
      });
    });
});
