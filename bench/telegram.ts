/**
 * Kept on Telegram beside a bare echo bot of the same client library, on one server, in one run, message by message in
 * turns.
 *
 * `npm run bench:telegram`, with KEPT_BENCH_MESSAGES (default 1,000 for each) and KEPT_BENCH_CHATS (default 40 for
 * each). At 10,000 messages it takes about ten minutes.
 */
import { makeTelegramSite, type TelegramSite } from '../test/support/telegram-site.ts';
import { type Contender, startContenders } from './contenders.ts';
import { askAtOnce, askInTurns, makeAsk } from './echo-load.ts';
import { usageOf } from './process-usage.ts';
import { circumstances, writeSection } from './results.ts';
import { percentile, table } from './table.ts';

const MESSAGES = Number(process.env.KEPT_BENCH_MESSAGES ?? 1_000);
const CHATS = Number(process.env.KEPT_BENCH_CHATS ?? 40);
/** Kept sends no more than 30 messages a second, and one a second to a chat: below both, nothing waits for manners. */
const PER_SECOND = Math.min(20, CHATS / 2);
/** What is done once is done, and what is hot is compiled. */
const WARM_UP = Math.max(200, CHATS);
const ROUNDS = 3;
const A_ROUND = 1_000;
/** So many that Kept’s first second, in which all of its places are free, hardly counts. */
const MANNERLY = 600;

const run = async (site: TelegramSite): Promise<string> => {
  const { kept, unhurried, bare } = await startContenders(site, CHATS);
  const ask = makeAsk(site);
  const cpuMs = async (contenders: readonly Contender[]) => Promise.all(contenders.map(async ({ pid }) => (await usageOf(pid)).cpuMs));
  const memoryMiB = () => Promise.all([kept, bare].map(async ({ pid }) => (await usageOf(pid)).memoryMiB));
  try {
    await askInTurns(ask, [kept, unhurried, bare], { messages: WARM_UP, perSecond: PER_SECOND });
    const calm = { cpuMs: await cpuMs([kept, bare]), memoryMiB: await memoryMiB() };
    const roundTrips = await askInTurns(ask, [kept, bare], { messages: MESSAGES, perSecond: PER_SECOND });
    const later = { cpuMs: await cpuMs([kept, bare]), memoryMiB: await memoryMiB() };

    const speeds: number[][] = [[], []];
    const busy = await cpuMs([unhurried, bare]);
    for (let round = 0; round < ROUNDS; round++)
      for (const [at, contender] of [unhurried, bare].entries()) speeds[at]?.push(await askAtOnce(ask, contender, A_ROUND));
    const tired = await cpuMs([unhurried, bare]);
    const mannerly = await askAtOnce(ask, kept, MANNERLY);
    site.server.assertClean();

    const perMessage = (after: readonly number[], before: readonly number[], messages: number) =>
      after.map((each, at) => (each - (before[at] ?? Number.NaN)) / messages);
    const rows: readonly (readonly [string, readonly number[]])[] = [
      ['round trip p50, ms', roundTrips.map((each) => percentile(each, 50))],
      ['round trip p99, ms', roundTrips.map((each) => percentile(each, 99))],
      [`CPU a message at ${PER_SECOND} a second, ms`, perMessage(later.cpuMs, calm.cpuMs, MESSAGES)],
      ['memory after the warm-up, MiB', calm.memoryMiB],
      [`memory after ${MESSAGES} messages, MiB`, later.memoryMiB],
      ['messages a second, with Telegram’s manners', [mannerly]],
      ['messages a second, without', speeds.map((each) => percentile(each, 50))],
      ['CPU a message at that speed, ms', perMessage(tired, busy, ROUNDS * A_ROUND)],
    ];
    return table(
      ['', kept.name, bare.name, 'ratio'],
      rows.map(([what, [ours = Number.NaN, theirs]]) => [what, ours, theirs ?? '', theirs === undefined ? '' : ours / theirs]),
    );
  } finally {
    await Promise.all([kept, unhurried, bare].map((each) => each.stop()));
  }
};

const site = await makeTelegramSite();
try {
  const results = await run(site);
  const when = await circumstances(['telegram']);
  console.log(`${results}\n${when}`);
  await writeSection(
    'Telegram: an echo by Kept beside one by the client library alone',
    `\`npm run bench:telegram\`, ${when}

${results}

All are bots on one loopback MTProto server, each in a process of its own, written to in ${CHATS} direct chats each; the server shares the
machine's processors with them. For the first rows they are written to in turns, ${MESSAGES} messages each, ${PER_SECOND} a second each, after
${WARM_UP} that do not count. A round trip is from the message to the arrival of its answer, on the server's side.

- **Kept's answer** is received, recorded, answered by the rehearsal model out of the conversation so far, and committed with its reply to disk
  (\`synchronous=FULL\`) before it is sent; the delivery is recorded after that; the receipt is shown by a reaction, the turn by typing. All of
  that survives \`kill -9\`.
- **The bare client's answer** is one call in an event handler. It keeps nothing, and loses or repeats messages when it dies.
- **Telegram's manners** are no more than 30 messages a second in all, and one a second to a chat: Telegram stops with a flood wait whoever
  has none, and the bare client has none. What Kept could do **without** is measured on Kept as it is composed by \`kept start\`, with that one
  limit taken off its Telegram gateway. All ${CHATS} chats write again as soon as they have their answer; the middle one of ${ROUNDS} rounds of
  ${A_ROUND} messages, in turns with the bare client's.`,
  );
} finally {
  await site.remove();
}
