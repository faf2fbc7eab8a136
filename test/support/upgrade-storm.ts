import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Randomness } from '../../src/ports/index.ts';
import { chatApi, until } from './chat-api.ts';
import { KEPT, type KeptProcess, type Site, startKept } from './kept-process.ts';
import { NEXT_VERSION } from './next-migrations.ts';

/** The one that ran before, and the one that comes. */
export type Version = 'former' | 'next';

/** A message of the local chats, as the database has it. */
export interface StoredMessage {
  readonly chatId: string;
  readonly messageId: string;
  readonly text: string;
  readonly answers: readonly string[];
  /** In ms since 1970. */
  readonly at: number;
}

export interface UpgradeStorm {
  readonly site: Site;
  /** Where the former version is; this very one if absent. */
  readonly formerProgram?: string;
  /** Whether the next one starts beside the one that runs, which ends then: as bots do on one PostgreSQL. */
  readonly isRolling: boolean;
  readonly cycles: number;
  readonly randomness: Pick<Randomness, 'fraction'>;
  /** Every message, as somebody else reads them. */
  read(): Promise<readonly StoredMessage[]>;
  /** Whether a message with that text is stored. */
  isStored(text: string): Promise<boolean>;
}

const EVERY_MS = 50;
const CHATS = 20;
/** Whoever leads has this long before it is struck: its first answers belong to the hand-over before. */
const LEAD_MS = 1_500;

/**
 * Goes from the former version to the next one and back, so many times, by stops and kills, while twenty messages a
 * second come. Resolves, once every message has its one answer, to what was measured.
 */
export const outlastUpgrades = async (storm: UpgradeStorm) => {
  const { site, isRolling, cycles, randomness, formerProgram = KEPT } = storm;
  let running: KeptProcess | undefined;
  let version: Version = 'former';
  const start = (next: Version): Promise<KeptProcess> => {
    const env = { ...site.env, ...(isRolling ? { KEPT_DATA_DIR: join(site.root, next) } : {}), ...(next === 'next' ? NEXT_VERSION : {}) };
    return startKept({ ...site, env }, isRolling ? 'bot' : 'start', next === 'next' ? KEPT : formerProgram);
  };
  const leads = async (): Promise<boolean> => {
    const { checks } = await chatApi(() => running?.url ?? '').get<{ checks: readonly { id: string; message: string }[] }>('/health');
    const leader = checks.find(({ id }) => id === 'process.leader');
    return leader === undefined || leader.message === 'leads and answers';
  };
  const led = async (): Promise<void> => {
    await until('a bot to lead', leads);
    if (stoppedAt !== undefined) handOvers.push({ from: stoppedAt, until: Date.now() });
    stoppedAt = undefined;
  };
  const traffic = makeTraffic(storm, () => running?.url);
  const handOvers: { readonly from: number; readonly until: number }[] = [];
  let stoppedAt: number | undefined;
  let kills = 0;
  try {
    running = await start('former');
    traffic.begin();
    for (let turn = 0; turn < cycles * 2; turn++) {
      await led();
      await wait(LEAD_MS + randomness.fraction() * 700);
      const old: KeptProcess = running;
      version = version === 'former' ? 'next' : 'former';
      // Each way is gone in both manners.
      const isKill = (Math.floor(turn / 2) + turn) % 2 === 0;
      const strike = async (): Promise<void> => {
        if (isKill) kills++;
        else stoppedAt = Date.now();
        await (isKill ? old.kill() : old.stop());
      };
      if (isRolling) {
        running = await start(version);
        await strike();
      } else {
        await strike();
        running = await start(version);
      }
    }
    await led();
    const sent = await traffic.end();
    const all = await until('an answer to every message', () => settled(storm, sent), 60_000 + sent.length * 20);
    return {
      sent: sent.length,
      kills,
      stops: handOvers.length,
      handOversMs: handOvers.map(({ from, until: end }) => end - from),
      longestPauseMs: longestPause(all, handOvers),
    };
  } finally {
    traffic.abandon();
    await running?.stop();
  }
};

/** Twenty messages a second, each taken once: whether a post without its 202 was stored, the database tells. */
export const makeTraffic = ({ isStored }: Pick<UpgradeStorm, 'isStored'>, url: () => string | undefined) => {
  const api = chatApi(() => url() ?? '');
  const sent: string[] = [];
  const open = new Set<Promise<void>>();
  let abandoned = false;
  let timer: NodeJS.Timeout | undefined;
  const send = async (text: string, chat: number): Promise<void> => {
    while (!abandoned) {
      try {
        await api.post(text, chat);
        return;
      } catch (error) {
        if (!(error instanceof TypeError) && !/: 50[03] /.test(String(error))) throw error;
      }
      // Whoever was killed may have stored it.
      await wait(200);
      if (await isStored(text)) return;
    }
  };
  return {
    begin: (): void => {
      timer = setInterval(() => {
        const text = `please remember the word pebble-${sent.length}-`;
        sent.push(text);
        const sending = send(text, 1 + (sent.length % CHATS));
        open.add(sending);
        sending.then(
          () => open.delete(sending),
          () => undefined,
        );
      }, EVERY_MS);
    },
    /** Resolves to all that were sent, once each has been taken. */
    end: async (): Promise<readonly string[]> => {
      clearInterval(timer);
      await Promise.all(open);
      return sent;
    },
    abandon: (): void => {
      clearInterval(timer);
      abandoned = true;
    },
  };
};

/** All messages, where each that was sent is stored once and answered once; undefined while answers are to come. */
export const settled = async (
  { read }: Pick<UpgradeStorm, 'read'>,
  sent: readonly string[],
): Promise<readonly StoredMessage[] | undefined> => {
  const all = await read();
  const answered = Map.groupBy(
    all.flatMap(({ chatId, answers }) => answers.map((id) => `${chatId}/${id}`)),
    (id) => id,
  );
  const asked = all.filter(({ answers, text }) => answers.length === 0 && text.startsWith('please '));
  assert.deepEqual(asked.map(({ text }) => text).toSorted(), sent.toSorted(), 'each message is stored once');
  for (const [id, answers] of answered) assert.equal(answers.length, 1, `answers to ${id}`);
  return asked.every(({ chatId, messageId }) => answered.has(`${chatId}/${messageId}`)) ? all : undefined;
};

/** The longest time without an answer that began before a hand-over was over, and ended after it had begun. */
export const longestPause = (
  all: readonly StoredMessage[],
  handOvers: readonly { readonly from: number; readonly until: number }[],
): number => {
  const times = all
    .filter(({ answers }) => answers.length > 0)
    .map(({ at }) => at)
    .toSorted((a, b) => a - b);
  const pauses = times.slice(1).map((at, i) => ({ from: times[i] ?? at, until: at }));
  const ofHandOvers = pauses.filter(({ from, until: end }) => handOvers.some((each) => end > each.from && from < each.until));
  return Math.max(0, ...ofHandOvers.map(({ from, until: end }) => end - from));
};
