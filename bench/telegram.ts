/**
 * Kept on Telegram beside a bare echo bot of the same client library, on one server, in one run, message by message in turns.
 *
 * `node bench/telegram.ts`, with KEPT_BENCH_MESSAGES (default 1,000 for each) and KEPT_BENCH_CHATS (default 40 for each).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem, type } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startKept } from '../test/support/kept-process.ts';
import type { TlObject } from '../test/support/mtproto/index.ts';
import { addCrowd } from '../test/support/telegram-crowd.ts';
import { BOT, makeTelegramSite, type TelegramSite } from '../test/support/telegram-site.ts';
import { usageOf } from './process-usage.ts';
import { percentile, table } from './table.ts';

const MESSAGES = Number(process.env.KEPT_BENCH_MESSAGES ?? 1_000);
const CHATS = Number(process.env.KEPT_BENCH_CHATS ?? 40);
/** Kept sends no more than 30 messages a second, and one a second to a chat: below both, nothing waits for manners. */
const PER_SECOND = 20;
const WARM_UP = 40;
/** As much as both get at once when it is seen how fast they go. */
const BURST = 120;
const DEADLINE_MS = 30_000;

const BARE = 7_000_000_002;
const BARE_TOKEN = `${BARE}:${'b'.repeat(35)}`;
const RESULTS = fileURLToPath(new URL('RESULTS.md', import.meta.url));

interface Contender {
  readonly name: string;
  readonly bot: number;
  readonly pid: number;
  readonly people: readonly number[];
  readonly roundTripsMs: number[];
}

const startBare = async ({ server }: TelegramSite): Promise<ChildProcess> => {
  const child = fork(fileURLToPath(new URL('bare-echo.ts', import.meta.url)), {
    env: {
      ...{ PATH: process.env.PATH, BENCH_HOST: server.host, BENCH_PORT: `${server.port}`, BENCH_DC: `${server.dcId}` },
      ...{ BENCH_TOKEN: BARE_TOKEN, BENCH_KEY: await server.publicKeyPem(), BENCH_FINGERPRINT: `${await server.publicKeyFingerprint()}` },
    },
  });
  const [first] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (first !== 'ready') throw new Error(`the bare echo bot did not start: ${first}`);
  return child;
};

const textsOf = ({ message, updates }: TlObject): string => {
  if (typeof message === 'string') return message;
  if (typeof message === 'object' && message !== null && 'message' in message) return textsOf(message as TlObject);
  return Array.isArray(updates) ? updates.map((each) => textsOf(each as TlObject)).join('\n') : '';
};

/** Writes to a bot as a person, and resolves to how long its answer took, in ms. */
const makeAsk = ({ server }: TelegramSite) => {
  const waiting = new Map<number, (text: string) => void>();
  server.world.state.listeners.add(({ userId, updates }) => waiting.get(userId)?.(textsOf(updates)));
  let asked = 0;
  return ({ bot }: Contender, person: number): Promise<number> =>
    new Promise((resolve, reject) => {
      asked += 1;
      const text = `please remember the word pebble-${asked}-`;
      const timer = setTimeout(() => reject(new Error(`no answer of ${bot} within ${DEADLINE_MS} ms`)), DEADLINE_MS);
      const since = performance.now();
      waiting.set(person, (said) => {
        if (!said.includes(`“${text}”`)) return;
        waiting.delete(person);
        clearTimeout(timer);
        resolve(performance.now() - since);
      });
      server.world.sendMessage({ from: person, chat: bot, text });
    });
};

const run = async (site: TelegramSite): Promise<string> => {
  const { server } = site;
  server.world.addUser({ id: BARE, username: 'bare_bot', isBot: true, token: BARE_TOKEN });
  const { people } = await addCrowd(site, { people: 2 * Math.max(CHATS, BURST), supergroups: 0 });
  const half = people.length / 2;
  const kept = await startKept(site, 'start');
  const bare = await startBare(site);
  const contenders: readonly Contender[] = [
    { name: 'Kept', bot: BOT, pid: kept.child.pid ?? 0, people: people.slice(0, half), roundTripsMs: [] },
    { name: 'bare client', bot: BARE, pid: bare.pid ?? 0, people: people.slice(half), roundTripsMs: [] },
  ];
  const ask = makeAsk(site);
  const personOf = (contender: Contender, at: number): number => contender.people[at % CHATS] ?? 0;
  const measure = () => Promise.all(contenders.map(({ pid }) => usageOf(pid)));

  try {
    // One after the other in every chat: what is done once is done.
    for (let at = 0; at < Math.max(WARM_UP, CHATS); at++) {
      await Promise.all(contenders.map((contender) => ask(contender, personOf(contender, at))));
      await wait(1_000 / PER_SECOND);
    }
    const before = await measure();
    const answers: Promise<void>[] = [];
    const startedAt = performance.now();
    for (let at = 0; at < MESSAGES; at++)
      for (const [turn, contender] of (at % 2 === 0 ? contenders : contenders.toReversed()).entries()) {
        const due = startedAt + ((at + turn / contenders.length) * 1_000) / PER_SECOND;
        await wait(Math.max(0, due - performance.now()));
        const answer = ask(contender, personOf(contender, at)).then((ms) => void contender.roundTripsMs.push(ms));
        answers.push(answer);
      }
    await Promise.all(answers);
    const after = await measure();

    const rates: number[] = [];
    for (const contender of contenders) {
      const since = performance.now();
      await Promise.all(contender.people.slice(0, BURST).map((person) => ask(contender, person)));
      rates.push((BURST * 1_000) / (performance.now() - since));
    }
    server.assertClean();
    const columns = contenders.map(({ roundTripsMs }, at) => {
      const [then, now] = [before[at], after[at]];
      if (!then || !now) throw new Error('a process was not measured');
      return [
        percentile(roundTripsMs, 50),
        percentile(roundTripsMs, 99),
        (now.cpuMs - then.cpuMs) / MESSAGES,
        then.memoryMiB,
        now.memoryMiB,
        rates[at] ?? 0,
      ];
    });
    const rows = [
      'round trip p50, ms',
      'round trip p99, ms',
      'CPU a message, ms',
      `memory after the warm-up, MiB`,
      `memory after ${MESSAGES} messages, MiB`,
      `messages a second, ${BURST} chats at once`,
    ];
    return table(
      ['', ...contenders.map(({ name }) => name), 'ratio'],
      rows.map((row, at) => [row, columns[0]?.[at] ?? 0, columns[1]?.[at] ?? 0, (columns[0]?.[at] ?? 0) / (columns[1]?.[at] ?? 0)]),
    );
  } finally {
    await kept.stop();
    bare.kill();
  }
};

const versionOf = async (path: string): Promise<string> => {
  const { name, version } = JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8'));
  return `${name} ${version}`;
};

const site = await makeTelegramSite();
try {
  const results = await run(site);
  const { length } = cpus();
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  const versions = [await versionOf('../package.json'), await versionOf('../node_modules/telegram/package.json')];
  const machine = `${type()} ${release()}, ${length} × ${cpus()[0]?.model.trim() || 'CPU'}, ${memoryGiB} GiB; Node ${process.versions.node}; ${versions.join(', ')}`;
  console.log(`${results}\n${machine}`);
  await writeFile(
    RESULTS,
    `# Benchmarks

Written by the benchmarks themselves. Times depend on the machine and on what else it does: compare the ratios, which come from one run.

## Telegram: an echo by Kept beside one by the client library alone

\`npm run bench:telegram\`, ${new Date().toISOString().slice(0, 10)}. ${machine}.

${results}

Both are bots on one loopback MTProto server, in processes of their own, and are written to in turns: ${MESSAGES} messages each in ${CHATS} direct
chats each, ${PER_SECOND} a second each. A round trip is from the message to the arrival of its answer on the server's side.

- **Kept's answer** is received, recorded, answered by the rehearsal model and committed with its reply to disk (\`synchronous=FULL\`) before it
  is sent; the delivery is recorded after that; the receipt is shown by a reaction, the turn by typing. All of that survives \`kill -9\`.
- **The bare client's answer** is one call in an event handler. It keeps nothing, and loses or repeats messages when it dies.
- **Messages a second** for Kept are Telegram's manners, not its speed: it sends no more than 30 a second in all, and one a second to a chat. The
  bare client has no manners: Telegram itself would stop it with a flood wait. What Kept could do is told by its CPU time a message.
`,
  );
} finally {
  await site.remove();
}
