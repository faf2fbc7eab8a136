import { type ChatId, NO_USAGE, type Turn, type TurnId, type Usage } from '../../domain/index.ts';
import type { TurnStore } from '../../ports/index.ts';
import type { Sql } from './sql.ts';

interface UsageColumns {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
}

interface TurnRow extends UsageColumns {
  readonly id: string;
  readonly chat_id: string;
  readonly agent: string;
  readonly model: string | null;
  readonly started_at: number;
  readonly ended_at: number;
  readonly outcome: Turn['outcome'];
  readonly gate: NonNullable<Turn['gate']> | null;
  readonly tool_calls: number;
}

const INSERT = `INSERT INTO turns (id, chat_id, agent, model, started_at, ended_at, outcome, gate, input_tokens, output_tokens, cache_read_tokens,
  cache_write_tokens, tool_calls) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;

const USAGE = `SELECT count(CASE WHEN outcome <> 'attempt' THEN 1 END) AS turns, count(CASE WHEN outcome = 'attempt' THEN 1 END) AS attempts,
  ${['input', 'output', 'cache_read', 'cache_write']
    .map((kind) => `coalesce(sum(${kind}_tokens), 0) AS ${kind}_tokens`)
    .join(', ')} FROM turns WHERE chat_id = ? AND ended_at >= ?`;

/** Finished turns, over the database itself or over one transaction. */
export const makeTurnStore = (sql: Sql): TurnStore => ({
  add: ({ usage, ...turn }) =>
    sql.write(async ({ query }) => {
      await query(INSERT, [
        ...[turn.id, turn.chatId, turn.agent, turn.model ?? null, turn.startedAt, turn.endedAt, turn.outcome, turn.gate ?? null],
        ...[usage.inputTokens, usage.outputTokens, usage.cacheReadTokens, usage.cacheWriteTokens, turn.toolCalls],
      ]);
    }),
  get: async (id) => {
    const [row] = await sql.read<TurnRow>('SELECT * FROM turns WHERE id = ?', [id]);
    return row && fromRow(row);
  },
  usage: async (chatId, since) => {
    const [sums] = await sql.read<UsageColumns & { readonly turns: number; readonly attempts: number }>(USAGE, [chatId, since]);
    return sums ? { ...usageFromRow(sums), turns: sums.turns, attempts: sums.attempts } : { ...NO_USAGE, turns: 0, attempts: 0 };
  },
});

const fromRow = (row: TurnRow): Turn => ({
  id: row.id as TurnId,
  chatId: row.chat_id as ChatId,
  agent: row.agent,
  ...(row.model === null ? {} : { model: row.model }),
  startedAt: row.started_at,
  endedAt: row.ended_at,
  outcome: row.outcome,
  ...(row.gate === null ? {} : { gate: row.gate }),
  usage: usageFromRow(row),
  toolCalls: row.tool_calls,
});

const usageFromRow = (row: UsageColumns): Usage => ({
  inputTokens: row.input_tokens,
  outputTokens: row.output_tokens,
  cacheReadTokens: row.cache_read_tokens,
  cacheWriteTokens: row.cache_write_tokens,
});
