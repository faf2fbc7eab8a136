/** What becomes of the rows of a table when a person is forgotten. */
export type PersonalTable =
  /** Rows that hold the person's words, or what was made of them, are deleted; one of another may stay without them. */
  | { readonly rows: 'go' }
  /** Rows stay: `cleared` columns lose their content, `kept` ones hold no words of anybody, for the reason given. */
  | { readonly rows: 'stay'; readonly cleared: readonly string[]; readonly kept: readonly string[]; readonly why: string };

const names = (text: string): readonly string[] => text.split(' ').filter(Boolean);
const go: PersonalTable = { rows: 'go' };
const stays = (why: string, kept: string, cleared = ''): PersonalTable => ({
  rows: 'stay',
  cleared: names(cleared),
  kept: names(kept),
  why,
});

/**
 * Every table of both engines, and what becomes of it when a person is forgotten. A test compares it with the schemas:
 * a new table needs a decision, and so does a new column of a table whose rows stay. Both belong to `findRows`, too.
 */
export const PERSONAL_TABLES: Readonly<Record<string, PersonalTable>> = {
  messages: stays(
    'a gateway may bring a message again: it is known by its id, and stays deleted. The row keeps who sent it, as an id',
    'chat_id message_id chat_kind sent_at reply_to addressed_to received_at access response verdict turn_id reply_key edited_at deleted_at sequence forwarded',
    'text sender chat_title failure replied parts attachments files',
  ),
  message_parts: go,
  conversation: go,
  conversation_words: go,
  conversation_summaries: go,
  runs: go,
  run_steps: go,
  outbox: go,
  outbox_answers: go,
  webhook_events: go,
  request_keys: go,
  local_messages: go,
  promises: go,
  promise_dependencies: go,
  approvals: go,
  schedules: go,
  facts: go,
  links: go,
  key_values: go,
  pairings: stays('who was let in stays let in', 'user_id chat_id code status asked_at decided_at decided_by', 'username display_name'),
  turns: stays(
    'numbers of what was used',
    'id chat_id agent model started_at ended_at outcome input_tokens output_tokens cache_read_tokens cache_write_tokens tool_calls gate',
  ),
  ledger: stays(
    'what was paid, by ids and names of models',
    'id at spent_on name chat_id workspace person agent promise_id turn_id input_tokens output_tokens cache_read_tokens cache_write_tokens cost estimated',
  ),
  budget_reservations: stays('what may be paid, by ids', 'id at name chat_id workspace person promise_id cost expires_at'),
  audit_log: stays(
    'the chain must hold: its facts are ids, names of tools and numbers, never what was said',
    'id at kind actor chat_id facts seq previous hash once',
  ),
  standing_approvals: stays(
    'who allowed which tool, by ids',
    'id tool directory chat_id given_by given_at expires_at approval_id revoked_at revoked_by',
  ),
  username_pins: stays('a listed name stays the owner’s: without it, whoever takes the name would get their rights', 'username user_id'),
  chat_moves: stays('ids', 'from_chat_id to_chat_id moved_at'),
  forgotten_conversations: stays('ids', 'chat_id up_to'),
  leads: stays('which process leads', 'name holder expires_at'),
  counters: stays('numbers', 'name value'),
  processes: stays('processes of Kept', 'id role host pid version data_dir started_at heartbeat_at stopped_at work'),
  sketches: stays('measurements', 'id from_at until_at version is_merged body'),
  alerts: stays(
    'what was measured; alerts hold no content of messages',
    'key rule subject run since held_ms seen_at started_at fired_at resolved_at title detail severity',
  ),
  alert_deliveries: stays('which channel was told of which alert', 'key channel started_at wants told told_at failures due_at last_error'),
  alert_silences: stays('words of the operator about an alert', 'target until reason'),
  schema_migrations: stays('names of migrations', 'id timestamp name'),
  schema_phases: stays('phases of migrations', 'name phase needs version'),
};

/** Tables from which rows go, or in which columns are cleared: what was there still stands in their files. */
export const WRITTEN_OVER: readonly string[] = Object.entries(PERSONAL_TABLES).flatMap(([name, table]) =>
  table.rows === 'go' || table.cleared.length > 0 ? [name] : [],
);
