import { strict as assert } from 'node:assert';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Randomness } from '../../src/ports/index.ts';
import { chatApi, until } from './chat-api.ts';
import { type JournalModel, type Life, openJournalModel } from './journal-model.ts';
import { checkStorm, PROMISE_CHAT, type StormSize } from './journal-verdict.ts';
import { type KeptProcess, makeSite, type Site, startKept } from './kept-process.ts';

export type { StormSize } from './journal-verdict.ts';

const COUNTER = fileURLToPath(new URL('../fakes/mcp/counting-server.ts', import.meta.url));
/** How long `count` takes before its effect, and after it. */
const MOMENT_MS = 10;
/** The latest that a kill comes after the request for which it waited. */
const MAX_LATE_MS = 60;
/**
 * So many are posted together: no promise meets so many kills that it is given up. Where there are several processes,
 * the others go on while one is killed and started, so that little is left to strike.
 */
const BURST = { alone: 4, several: 1 };

/** So many requests are still to come, at the least, when a process is struck while a run is under way. */
const LAST = 3;

/** The processes of a storm; the first one answers the chats. */
export type Roles = Readonly<Record<string, 'start' | 'bot' | 'worker'>>;

/** A site whose promises may call `count`. */
const makeStormSite = async (env: NodeJS.ProcessEnv): Promise<Site & { readonly counted: string }> => {
  const site = await makeSite({ KEPT_MODELS: 'openai', OPENAI_MODEL: 'small', AGENT_TIMEOUT_SECONDS: '3600', ...env });
  const counted = join(site.root, 'counted');
  const configPath = site.env.KEPT_CONFIG as string;
  const config = JSON.parse(readFileSync(configPath, 'utf8')) as { dm_whitelist: object };
  writeFileSync(configPath, JSON.stringify({ ...config, dm_whitelist: { ...config.dm_whitelist, mcp_safe_tools: ['mcp__counter__*'] } }));
  const counter = { command: process.execPath, args: [COUNTER, counted, `${MOMENT_MS}`] };
  writeFileSync(join(site.root, '.mcp.json'), JSON.stringify({ mcpServers: { counter } }), { mode: 0o600 });
  return { ...site, counted };
};

/** Processes that are started again when they are killed, each with a directory of its own, as on its own machine. */
const makeCrew = (site: Site, model: JournalModel, roles: Roles) => {
  const running = new Map<string, { readonly kept: KeptProcess; readonly life: Life }>();
  const start = async (name: string): Promise<void> => {
    const { life, url } = model.bear(name);
    const env = { ...site.env, KEPT_DATA_DIR: join(site.root, name), OPENAI_BASE_URL: url };
    running.set(name, { kept: await startKept({ ...site, env }, roles[name] ?? 'start'), life });
  };
  const names = Object.keys(roles);
  return {
    startAll: async (): Promise<void> => void (await Promise.all(names.map(start))),
    bot: (): KeptProcess | undefined => running.get(names[0] ?? '')?.kept,
    names,
    /** Resolves when it is back. */
    kill: async (name: string): Promise<void> => {
      const { kept, life } = running.get(name) ?? assert.fail(`${name} does not run`);
      await kept.kill();
      life.killed = true;
      await start(name);
    },
    errors: (): string => [...running.values()].map(({ kept }) => kept.errors()).join(''),
    end: async (): Promise<void> => void (await Promise.all([...running.values()].map(({ kept }) => kept.kill()))),
  };
};

/**
 * Runs of several steps in processes that are killed meanwhile, beside a database whose server is restarted, and what
 * must be true of them at the end.
 */
export const openJournalStorm = async (options: {
  readonly size: StormSize;
  readonly roles: Roles;
  readonly randomness: Pick<Randomness, 'fraction'>;
  readonly env?: NodeJS.ProcessEnv;
  readonly restart?: () => Promise<void>;
}) => {
  const { size, roles, randomness, env = {}, restart } = options;
  const { chats, promises, steps, kills, restarts } = size;
  const patienceMs = 60_000 + (chats + promises) * 5_000;
  const upTo = (most: number): number => Math.floor(randomness.fraction() * most);
  const oneOf = <T>(some: readonly T[]): T | undefined => some[upTo(some.length)];
  const model = await openJournalModel(steps);
  const site = await makeStormSite(env);
  const crew = makeCrew(site, model, roles);
  const api = chatApi(() => crew.bot()?.url ?? '');
  const burst = crew.names.length > 1 ? BURST.several : BURST.alone;
  let midRun = 0;

  const posts = Array.from({ length: Math.max(chats, promises) }, (_, i) => i + 1).flatMap((n) => [
    ...(n <= chats ? [{ text: `Please do turn-${n}.`, chat: n, run: `turn-${n}` }] : []),
    ...(n <= promises ? [{ text: `Please promise work-${n}.`, chat: PROMISE_CHAT + n, run: `work-${n}` }] : []),
  ]);
  const posted: string[] = [];
  const underWay = (): readonly string[] => posted.filter((run) => !model.isEnded(run));

  /** A post without its 202 may have been taken all the same: the transcript tells. */
  const post = (text: string, chat: number): Promise<unknown> =>
    until(
      'a post to be taken',
      async () => {
        try {
          return (await api.messages(chat)).some(({ from }) => from === 'operator') || (await api.post(text, chat));
        } catch (error) {
          return isAway(error);
        }
      },
      patienceMs,
    );

  const busyOnes = (): readonly string[] => underWay().flatMap((run) => model.ofRun(run).at(-1)?.by.role ?? []);
  /** Kills one that has a run under way, most of the time, and at first always. */
  const killOne = async (): Promise<void> => {
    if (midRun === 0) await until('a run to begin', async () => busyOnes().length > 0 || underWay().length === 0, patienceMs);
    const busy = busyOnes();
    const name = (midRun === 0 || upTo(4) > 0 ? oneOf(busy) : undefined) ?? oneOf(crew.names) ?? '';
    if (busy.includes(name)) midRun++;
    await crew.kill(name);
  };

  /** Posts everything, some at a time, and strikes in the midst of the runs: all of `strikes`, spread over all work. */
  const rage = async (): Promise<void> => {
    const strikes = [...Array<() => Promise<void>>(kills).fill(killOne), ...Array<() => Promise<void>>(restarts).fill(restart ?? killOne)]
      .map((strike) => ({ strike, at: randomness.fraction() }))
      .toSorted((a, b) => a.at - b.at);
    const total = (chats + promises) * (steps + 1) + promises * 2;
    for (const [n, { strike }] of strikes.entries()) {
      const wanted = Math.ceil(Math.ceil((posts.length * (n + 1)) / strikes.length) / burst) * burst;
      for (const { text, chat, run } of posts.slice(posted.length, wanted)) {
        await post(text, chat);
        posted.push(run);
      }
      const left = underWay().reduce((sum, run) => sum + steps - (model.ofRun(run).at(-1)?.reply ?? -1), 0);
      const soon = upTo((2 * (total - model.asked.length)) / (strikes.length - n));
      const enough = model.asked.length + Math.min(soon, Math.max(0, left - LAST));
      await until('requests to come', async () => model.asked.length >= enough || underWay().length === 0, patienceMs);
      await wait(upTo(MAX_LATE_MS));
      await strike();
    }
  };

  const isOver = async (): Promise<boolean> => {
    try {
      const made = await api.promises();
      if (made.length < promises || made.some(({ deliveredAt }) => deliveredAt === undefined)) return false;
      for (let n = 1; n <= chats; n++) if ((await api.messages(n)).every(({ answers = [] }) => answers.length === 0)) return false;
      return true;
    } catch (error) {
      return isAway(error);
    }
  };

  return {
    /** Resolves when everything is over and as it must be, to what was measured, in words. */
    outlast: async (): Promise<string> => {
      await crew.startAll();
      await rage();
      await until('the end of everything', isOver, patienceMs);
      assert.ok(midRun > 0, 'a kill has met a run');
      const struck = `${kills} kills (${midRun} with runs under way), ${restarts} restarts of the server`;
      return `${struck}: ${await checkStorm(api, model, site.counted, size)}`;
    },
    close: async (): Promise<void> => {
      await crew.end();
      await model.close();
      await site.remove();
    },
  };
};

/** False where the process, or its database, is away for a moment. */
const isAway = (error: unknown): false => {
  if (error instanceof TypeError || /: 50[03] /.test(String(error))) return false;
  throw error;
};
