import { PROMISE_STATUSES, type PromiseStatus } from '../../domain/index.ts';
import type { PromiseFilter } from '../../ports/index.ts';
import type { Dialect, SqlValue } from './sql.ts';

interface Fragment {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/**
 * The part of a SELECT after `FROM promises` that applies a filter. Each status is read by the index that has it as its
 * condition.
 */
export const whereOf = (dialect: Dialect, { statuses, newestFirst = false, limit, ...others }: PromiseFilter): Fragment => {
  const direction = newestFirst ? 'DESC' : 'ASC';
  const ofStatus = (status?: PromiseStatus): Fragment => {
    const { terms, params } = conditions(dialect, others);
    if (status) terms.push(`status = '${status}'`);
    // Pending promises may be many, so they are read in the order of ids.
    if (status === 'pending') terms.push('completed_at IS NULL');
    const where = terms.length > 0 ? `WHERE ${terms.join(' AND ')}` : '';
    // Few promises run at a time, so they are found and sorted. In the order of ids, everything that was ever promised
    // would be read to find those few.
    const order = status === 'in_progress' ? '+id' : 'id';
    return { sql: `${where} ORDER BY ${order} ${direction} LIMIT ?`, params: [...params, limit] };
  };
  // Only known values, because they become part of the statement.
  const different = PROMISE_STATUSES.filter((status) => statuses?.includes(status));
  if (statuses === undefined || different.length === 1) return ofStatus(different[0]);
  const each = different.map(ofStatus);
  const found = each.map(({ sql }, at) => `SELECT id FROM (SELECT id FROM promises ${sql}) AS found_${at}`);
  return {
    sql: `WHERE ${dialect.among('id', found.join(' UNION ALL ') || 'SELECT 0')} ORDER BY +id ${direction} LIMIT ?`,
    params: [...each.flatMap(({ params }) => params), limit],
  };
};

const conditions = (
  { json, oneOf }: Dialect,
  { chatId, messageId, taskTypes, tenant, agent, text, before, from }: Partial<PromiseFilter>,
): { readonly terms: string[]; readonly params: readonly SqlValue[] } => {
  const terms: string[] = [];
  const params: SqlValue[] = [];
  const add = (term: string, value: SqlValue | undefined) => {
    if (value === undefined) return;
    terms.push(term);
    params.push(value);
  };
  add('chat_id = ?', chatId);
  add('message_id = ?', messageId);
  add(oneOf('task_type', 'text'), taskTypes && json(taskTypes));
  add('tenant = ?', tenant);
  add('agent = ?', agent);
  add('id < ?', before);
  add('id >= ?', from);
  add(`lower(task_description) LIKE lower(?) ESCAPE '!'`, text && `%${text.replace(/[!%_]/g, '!$&')}%`);
  return { terms, params };
};
