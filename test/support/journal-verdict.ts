import { strict as assert } from 'node:assert';
import { existsSync, readFileSync } from 'node:fs';
import type { ApiPromise, chatApi } from './chat-api.ts';
import type { JournalModel } from './journal-model.ts';

export interface StormSize {
  readonly chats: number;
  readonly promises: number;
  /** The calls of tools of each run; one more reply ends it. */
  readonly steps: number;
  readonly kills: number;
  /** Of the server of the database. */
  readonly restarts: number;
}

/** The operator's chats in which promises are asked for: apart from those of the runs of turns. */
export const PROMISE_CHAT = 1_000;

interface Line {
  readonly is: 'called' | 'counted';
  readonly key?: string;
  readonly what: string;
  readonly at: number;
}

const linesIn = (file: string): readonly Line[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line)
    : [];

const assertOnce = (what: string, values: readonly unknown[]): void => assert.equal(new Set(values).size, values.length, what);

/**
 * Every reply was asked for once, and again only where the process that had asked was killed before it had done
 * anything with the reply. Resolves to how often that was.
 */
const checkReplies = ({ asked, ofRun, broken }: JournalModel, called: readonly Line[], { steps }: StormSize): number => {
  assert.deepEqual(broken, []);
  let again = 0;
  for (const run of new Set(asked.map((each) => each.run))) {
    const its = ofRun(run);
    const story = `${run}: ${its.map(({ reply, by, isAfterDeath }) => `${reply} by ${by.path}${isAfterDeath ? ' after a death' : ''}`).join(', ')}`;
    its.forEach(({ reply, at, isAfterDeath }, n) => {
      const last = its[n - 1]?.reply ?? -1;
      assert.ok(reply === last + 1 || (reply === last && isAfterDeath), `a reply is asked for again that no kill has lost: ${story}`);
      if (reply === last) again++;
      const acted = called.find(({ what }) => what === `${run}-${reply}`);
      assert.ok(!acted || at <= acted.at, `a reply is asked for again that has led to an act: ${story}`);
    });
    assert.equal(its.at(-1)?.reply, run.startsWith('asked') ? 1 : steps, `to its end: ${story}`);
  }
  return again;
};

/** Each call was heard once at the most, by one key, and took effect once, or is told as unknown. */
const checkActs = ({ unknown }: JournalModel, lines: readonly Line[], { promises, steps }: StormSize) => {
  const called = lines.filter(({ is }) => is === 'called');
  const counted = lines.filter(({ is }) => is === 'counted');
  for (const some of [called, counted])
    for (const by of ['key', 'what'] as const)
      assertOnce(
        `no call twice: ${JSON.stringify(some)}`,
        some.map((line) => line[by]),
      );
  for (const { key, what } of lines) assert.ok(key, `${what} was called with a key`);
  for (let n = 1; n <= promises; n++) {
    const told = unknown.get(`work-${n}`) ?? assert.fail(`work-${n} has come to no end`);
    for (let step = 0; step < steps; step++) {
      const isCounted = counted.some(({ what }) => what === `work-${n}-${step}`);
      assert.ok(isCounted || told.includes(step), `work-${n}-${step} is not counted, and not told; told are ${told}`);
    }
  }
  return { counted: counted.length, told: [...unknown.values()].flat().length };
};

type Api = ReturnType<typeof chatApi>;

/** The one message of the operator in that chat has one answer. */
const checkAnswer = async (api: Api, chat: number): Promise<void> => {
  const messages = await api.messages(chat);
  const asked = messages.filter(({ from }) => from === 'operator').map(({ messageId }) => messageId);
  assert.equal(asked.length, 1);
  assert.deepEqual(
    messages.flatMap(({ answers = [] }) => answers),
    asked,
    `chat ${chat} has one answer`,
  );
};

/** It is kept, and its chat was told so once, with what is not known of its acts. */
const checkOutcome = async (api: Api, { unknown }: JournalModel, promise: ApiPromise): Promise<void> => {
  const [name = ''] = /work-\d+/.exec(promise.taskDescription) ?? [];
  assert.equal(promise.status, 'completed', `${name}: ${promise.resultSummary}`);
  const messages = await api.messages(PROMISE_CHAT + Number(name.slice('work-'.length)));
  const outcomes = messages.filter(({ text }) => text.startsWith(`Promise #${promise.id} is kept`));
  assert.equal(outcomes.length, 1, `one outcome of ${name}`);
  const told = unknown.get(name) ?? [];
  const note = /Kept was interrupted while it ran mcp__counter__count\. Whether that took effect is not known/;
  assert.equal(note.test(outcomes[0]?.text ?? ''), told.length > 0, `unknown are ${told}: ${outcomes[0]?.text}`);
};

/** All that must be true when everything is over. Resolves to what was measured, in words. */
export const checkStorm = async (api: Api, model: JournalModel, countedIn: string, size: StormSize): Promise<string> => {
  const { chats, promises, steps } = size;
  const lines = linesIn(countedIn);
  const called = lines.filter(({ is }) => is === 'called');
  const again = checkReplies(model, called, size);
  const { counted, told } = checkActs(model, lines, size);
  for (let n = 1; n <= chats; n++) await checkAnswer(api, n);
  for (let n = 1; n <= promises; n++) await checkAnswer(api, PROMISE_CHAT + n);
  const made = await api.promises();
  assertOnce(
    'each promise is made once',
    made.map(({ taskDescription }) => taskDescription),
  );
  assert.equal(made.length, promises);
  for (const promise of made) await checkOutcome(api, model, promise);
  const replies = chats * (steps + 1) + promises * (2 + steps + 1);
  assert.equal(model.asked.length, replies + again);
  return `${model.asked.length} requests for ${replies} replies (${again} again, each cut by a kill); ${counted} of ${promises * steps} acts counted, ${told} told as unknown, none twice`;
};
