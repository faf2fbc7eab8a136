import { strict as assert } from 'node:assert';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type AgentPromise, localChatId, OPERATOR_ID, type PromiseId } from '../../src/domain/index.ts';
import { makeAppContext } from '../../src/main/container.ts';
import { TOKENS } from '../../src/main/tokens.ts';
import { type Randomness, silentLogger } from '../../src/ports/index.ts';
import { openChatPeer } from '../fakes/openai/peer.ts';
import { OPENAI } from '../fakes/openai/servers.ts';
import { until } from './chat-api.ts';
import { type KeptProcess, makeSite, startKept } from './kept-process.ts';
import { chunk, endOf } from './openai-chunks.ts';
import { configOf } from './site-config.ts';

export interface BudgetStorm {
  readonly promises: number;
  /** So many of them the budget is for. */
  readonly admitted: number;
  readonly kills: number;
  readonly workers: number;
}

/** What each reply uses, as the model tells it: the most that was asked for. */
const OUTPUT_TOKENS = 1_000;
const INPUT_TOKENS = 7;
/** In US dollars per million tokens: with them a reply costs a dollar and 7 millionths. */
const PRICES = { 'openai/small': { input: 1, output: 1_000, asOf: '2026-11-29' } };
const COST_USD = 1.000007;
/** The count before a call is careful: it reserves a little more than the reply uses. */
const SLACK_USD = 0.5;

const LOOK_MS = 500;
/** How long the model takes for a reply at the least; at the most, so much more and as much for each kill. */
const REPLY_MS = 100;
const MORE_MS = 400;
const KILL_MS = 20;

/**
 * Promises that all run at once, in real workers that are killed meanwhile, against a budget for some of them: exactly
 * so many are kept, and the ledger tells what they used to the last token. Resolves to a line about it.
 */
export const outlastBudget = async (
  { promises: count, admitted, kills, workers }: BudgetStorm,
  randomness: Randomness,
  given: NodeJS.ProcessEnv = {},
): Promise<string> => {
  const upTo = (most: number): number => Math.floor(randomness.fraction() * most);
  let [asked, underWay, midRun] = [0, 0, 0];
  const peer = await openChatPeer(async ({ messages }) => {
    const n = ++asked;
    const text = messages.flatMap(({ role, content }) => (role === 'user' ? [String(content ?? '')] : [])).join('\n');
    underWay++;
    await wait(REPLY_MS + upTo(MORE_MS + kills * KILL_MS));
    underWay--;
    const [work = ''] = /work-\d+/.exec(text) ?? [];
    return [
      chunk({ role: 'assistant', content: `The train to ${work} leaves at nine from platform ${n}.` }),
      ...endOf(INPUT_TOKENS, OUTPUT_TOKENS),
    ];
  }, OPENAI);
  const site = await makeSite({
    KEPT_MODELS: 'openai',
    OPENAI_MODEL: 'small',
    OPENAI_BASE_URL: peer.url,
    KEPT_PROMISE_MAX_OUTPUT_TOKENS: `${OUTPUT_TOKENS}`,
    // Together they run all at once.
    PROMISE_CONCURRENCY: `${Math.ceil(count / workers)}`,
    PROMISE_WORKSPACE_CONCURRENCY: `${count}`,
    PROMISE_ANALYSIS_CONCURRENCY: `${count}`,
    PROMISE_LEASE_SECONDS: '2',
    PROMISE_BACKOFF_SECONDS: '0',
    ...given,
  });
  const configPath = site.env.KEPT_CONFIG as string;
  const config = JSON.parse(readFileSync(configPath, 'utf8')) as object;
  // Room for exactly so many, and for what one call reserves beyond that, but never for one more.
  const budget = { daily_usd: Math.round((admitted * COST_USD + SLACK_USD) * 1e6) / 1e6, warn_at: 1 };
  writeFileSync(configPath, JSON.stringify({ ...config, budget }));
  writeFileSync(join(dirname(configPath), 'prices.json'), JSON.stringify(PRICES));

  const crew = new Map<number, KeptProcess>();
  const starting = new Map<number, Promise<void>>();
  const start = (slot: number): void => {
    const begun = startKept(site, 'worker').then((worker) => void crew.set(slot, worker));
    // Under load, one may not come up: a supervisor starts it again.
    starting.set(
      slot,
      begun.catch(() => start(slot)),
    );
  };
  /** Kills one while replies are under way, and lets it start again meanwhile. */
  const killOne = async (isOver: () => Promise<boolean>): Promise<void> => {
    await until('a request to come', async () => (crew.size > 0 && underWay > 0) || isOver(), 120_000);
    await wait(upTo(400));
    const slot = [...crew.keys()][upTo(crew.size)];
    if (slot === undefined) return;
    const worker = crew.get(slot);
    crew.delete(slot);
    if (underWay > 0) midRun++;
    await worker?.kill();
    start(slot);
  };
  const root = makeAppContext(configOf(site.env, site.root), silentLogger);
  try {
    const [{ stores }, { makePromise, retryPromise }, clock] = await Promise.all([
      root.get(TOKENS.storage),
      root.get(TOKENS.commands),
      root.get(TOKENS.clock),
    ]);
    const ids: PromiseId[] = [];
    for (let n = 0; n < count; n++) {
      const chat = { chatId: localChatId(1 + (n % 9)), chatKind: 'direct' as const, requestedBy: { id: OPERATOR_ID } };
      const made = await makePromise({ description: `Find the train to work-${n}.` }, chat);
      if (!made.ok) throw new Error(made.error.message);
      ids.push(made.value.promise.id);
    }
    for (let slot = 0; slot < workers; slot++) start(slot);
    const isOver = (promise: AgentPromise): boolean =>
      promise.status === 'completed' || (promise.status === 'failed' && promise.error.code === 'over-budget');
    const found = async () => stores.promises.getMany(ids);
    /** A promise whose workers have died too often is given up: its people try it again. */
    let lookedAt = 0;
    const areOver = async (): Promise<boolean> => {
      // To look costs the processor that the workers need.
      if (performance.now() - lookedAt < LOOK_MS) return false;
      lookedAt = performance.now();
      const promises = await found();
      for (const promise of promises)
        if (promise.status === 'failed' && promise.error.code === 'promise/worker-lost') await retryPromise(promise.id);
      return promises.every(isOver);
    };
    for (let kill = 0; kill < kills; kill++) await killOne(areOver);
    await until('every promise kept, or refused by the budget', areOver, 120_000 + kills * 5_000);
    const kept = (await found()).filter(({ status }) => status === 'completed');
    const { cost, calls, unpriced, inputTokens, outputTokens } = await stores.ledger.total({});
    assert.equal(kept.length, admitted, 'exactly so many are admitted');
    assert.deepEqual(
      { cost, calls, unpriced, inputTokens, outputTokens },
      {
        cost: Math.round(admitted * COST_USD * 1e6),
        calls: admitted,
        unpriced: 0,
        inputTokens: admitted * INPUT_TOKENS,
        outputTokens: admitted * OUTPUT_TOKENS,
      },
      'the ledger tells what they used',
    );
    await until('what the dead had reserved to lapse', async () => (await stores.ledger.reserved(clock.now())) === 0, 10_000);
    assert.deepEqual(peer.broken, []);
    const lost = asked - admitted;
    const told = `${count} runs, ${kept.length} admitted, $${(cost / 1e6).toFixed(6)} in the ledger`;
    return `${told}; ${kills} kills, ${midRun} of them while replies were under way, and ${lost} replies lost in them`;
  } finally {
    await Promise.allSettled(starting.values());
    await Promise.all([...crew.values()].map((worker) => worker.kill()));
    await root.lifecycle.stop();
    await peer.close();
    await site.remove();
  }
};
