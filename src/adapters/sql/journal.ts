import { type ChatId, type PromiseId, present, type Run, type RunId, type RunStep, runFields, type StoredRun } from '../../domain/index.ts';
import { type Journal, type JournalEntries, PortError } from '../../ports/index.ts';
import { integers, perDialect, type Query, type Sql, type Transaction, texts, type Values } from './sql.ts';

interface RunRow {
  readonly id: string;
  readonly chat_id: string;
  readonly promise_id: number | null;
  readonly agent: string;
  readonly started_at: number;
  readonly asked: string;
  readonly counted: number;
  readonly ended_at: number | null;
}

const STEP = {
  ...texts('run_id'),
  ...integers('seq'),
  ...texts('writer', 'kind'),
  ...integers('at', 'duration_ms'),
  ...texts('model'),
  ...integers('input_tokens', 'output_tokens'),
  ...texts('tool', 'call_key', 'effect', 'outcome', 'body'),
};
const NAMES = Object.keys(STEP).join(', ');

const INSERT_RUN = `INSERT INTO runs (id, chat_id, promise_id, agent, started_at, asked, counted) VALUES (?, ?, ?, ?, ?, ?, 0)
  ON CONFLICT (id) DO NOTHING`;
const statements = perDialect(({ overRows, oneOf, rowLocks }) => ({
  // Whoever repeats its own step gets its place again; whoever comes second gets none.
  append: overRows(
    'step',
    STEP,
    (rows) => `INSERT INTO run_steps (${NAMES}) SELECT ${NAMES} FROM ${rows}
      WHERE EXISTS (SELECT 1 FROM runs WHERE id = step.run_id AND ended_at IS NULL${rowLocks?.shared ?? ''})
      ON CONFLICT (run_id, seq) DO UPDATE SET writer = excluded.writer WHERE run_steps.writer = excluded.writer RETURNING seq`,
  ),
  steps: `SELECT run_id, body FROM run_steps WHERE ${oneOf('run_id', 'text')} ORDER BY run_id, seq`,
  removeSteps: `DELETE FROM run_steps WHERE ${oneOf('run_id', 'text')}`,
  removeRuns: `DELETE FROM runs WHERE ${oneOf('id', 'text')}`,
}));
const DELETED = 'SELECT 1 FROM messages WHERE chat_id = ? AND message_id = ? AND deleted_at IS NOT NULL';
const OPEN_TURN = `SELECT * FROM runs WHERE chat_id = ? AND promise_id IS NULL AND ended_at IS NULL ORDER BY started_at DESC, id LIMIT 1`;
const OF_PROMISE = 'SELECT * FROM runs WHERE promise_id = ? ORDER BY started_at DESC, id DESC LIMIT ?';
const OF_TURN = 'SELECT * FROM runs WHERE turn_id = ?';
const END = 'UPDATE runs SET ended_at = ?, turn_id = ? WHERE id = ? AND ended_at IS NULL';
const OPEN_TURNS = `SELECT * FROM runs WHERE promise_id IS NULL AND ended_at IS NULL AND started_at < ? ORDER BY started_at, id LIMIT ?`;
const PURGEABLE = 'SELECT id FROM runs WHERE promise_id IS NULL AND ended_at < ? ORDER BY ended_at LIMIT ?';

/** The steps of runs, over the database itself or over one transaction. */
export const makeJournal = <T extends Transaction>(sql: Sql<T>): Journal => {
  const { dialect } = sql;
  const { append, steps, removeSteps, removeRuns } = statements(dialect);

  const withSteps = async (rows: readonly RunRow[]): Promise<readonly StoredRun[]> => {
    if (rows.length === 0) return [];
    const found = await sql.read<{ run_id: string; body: string }>(steps, [dialect.json(rows.map(({ id }) => id))]);
    const byRun = Map.groupBy(found, ({ run_id }) => run_id);
    return rows.map((row) =>
      fromRow(
        row,
        (byRun.get(row.id) ?? []).map(({ body }) => JSON.parse(body) as RunStep),
      ),
    );
  };

  return {
    append: (entries) =>
      sql.write(async ({ query }) => {
        if (entries.from === 0 && !(await answersDeleted(query, entries.run)))
          await query(INSERT_RUN, runToRow(runFields(entries.run), dialect.json));
        if (entries.steps.length === 0) return;
        const stored = await dialect.runOver(query, append, stepsToRows(entries, dialect.json));
        if (stored.length === entries.steps.length) return;
        const problem = `another process goes on with run ${entries.run.id}, it has ended, or what it answers is deleted`;
        throw new PortError('concurrency', problem, { retryable: false });
      }),
    openTurn: async (chatId) => (await withSteps(await sql.read<RunRow>(`${OPEN_TURN}${sql.rowLock}`, [chatId])))[0],
    ofPromise: async (promiseId, limit) =>
      withSteps((await sql.read<RunRow>(`${OF_PROMISE}${sql.rowLock}`, [promiseId, limit])).toReversed()),
    ofTurn: async (turnId) => (await withSteps(await sql.read<RunRow>(OF_TURN, [turnId])))[0],
    countUsage: (id, count) =>
      sql.write(async ({ query }) => {
        const lock = dialect.rowLocks?.exclusive ?? '';
        const [row] = await query<{ counted: number }>(`SELECT counted FROM runs WHERE id = ?${lock}`, [id]);
        if (row && count > row.counted) await query('UPDATE runs SET counted = ? WHERE id = ?', [count, id]);
        return row?.counted ?? 0;
      }),
    end: (id, at, turnId) =>
      sql.write(async ({ query }) => {
        await query(END, [at, turnId ?? null, id]);
      }),
    openTurns: async ({ before, limit }) => withSteps(await sql.read<RunRow>(`${OPEN_TURNS}${sql.rowLock}`, [before, limit])),
    purge: ({ before, limit }) =>
      sql.write(async ({ query }) => {
        const ids = (await query<{ id: string }>(PURGEABLE, [before, limit])).map(({ id }) => id);
        if (ids.length === 0) return 0;
        for (const remove of [removeSteps, removeRuns]) await query(remove, [dialect.json(ids)]);
        return ids.length;
      }),
  };
};

const answersDeleted = async (query: Query, { asked }: Run): Promise<boolean> => {
  for (const { chatId, messageId } of asked) if ((await query(DELETED, [chatId, messageId])).length > 0) return true;
  return false;
};

const runToRow = ({ id, chatId, promiseId, agent, startedAt, asked }: Run, json: (value: unknown) => string) => [
  id,
  chatId,
  promiseId ?? null,
  agent,
  startedAt,
  json(asked),
];

const fromRow = (row: RunRow, steps: readonly RunStep[]): StoredRun => ({
  id: row.id as RunId,
  chatId: row.chat_id as ChatId,
  agent: row.agent,
  startedAt: row.started_at,
  asked: JSON.parse(row.asked) as StoredRun['asked'],
  steps,
  counted: row.counted,
  ...present({
    promiseId: (row.promise_id ?? undefined) as PromiseId | undefined,
    endedAt: row.ended_at ?? undefined,
  }),
});

/** What people ask about has a column of its own; the body is the whole step. */
const stepsToRows = ({ run, writer, from, steps }: JournalEntries, json: (value: unknown) => string): readonly Values[] =>
  steps.map((step, at) => ({
    run_id: run.id,
    seq: from + at,
    writer,
    kind: step.kind,
    at: step.at,
    body: json(step),
    ...columnsOf(step),
  }));

const columnsOf = (step: RunStep): Values => {
  switch (step.kind) {
    case 'model': {
      const { durationMs, model, usage } = step;
      return { duration_ms: durationMs, model, input_tokens: usage.inputTokens, output_tokens: usage.outputTokens };
    }
    case 'tool': {
      const { durationMs, tool, callKey, effect, outcome } = step;
      return { duration_ms: durationMs, tool, call_key: callKey, effect, outcome };
    }
    case 'intent':
      return { tool: step.tool, call_key: step.callKey, effect: 'acts' };
  }
};
