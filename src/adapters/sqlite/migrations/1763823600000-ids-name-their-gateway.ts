/** Long because a migration stays as it was released, with the statements of each table. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

// Ids were the marked numbers of Telegram; local chats and the people in them had numbers above every one of those.
const LOCAL_BASE = 2_000_000_000_000;
const OURSELVES = 2_001_000_000_000;

const isLocal = (chat: string): string => `${chat} > ${LOCAL_BASE} AND ${chat} <= ${OURSELVES}`;
/** These give NULL for NULL. */
const chatId = (number: string): string => `CASE WHEN ${number} = ${OURSELVES} THEN 'local:self-ping'
  WHEN ${isLocal(number)} THEN 'local:' || (${number} - ${LOCAL_BASE}) ELSE 'telegram:' || ${number} END`;
const userId = (number: string): string => `CASE ${number} WHEN ${LOCAL_BASE} THEN 'local:operator'
  WHEN ${OURSELVES} THEN 'local:agent' ELSE 'telegram:' || ${number} END`;
const messageId = (chat: string, number: string): string => `CASE WHEN ${isLocal(chat)} THEN 'local:' ELSE 'telegram:' END || ${number}`;
const chatKind = (chat: string): string => `CASE WHEN ${chat} < 0 THEN 'group' ELSE 'direct' END`;

/** Paths that are not there are left out. */
const withUserId = (json: string): string => `json_replace(${json}, '$.id', ${userId(`json_extract(${json}, '$.id')`)})`;
const withMessageIds = (json: string, chat: string, ...paths: readonly string[]): string =>
  `json_replace(${[json, ...paths.map((path) => `'${path}', ${messageId(chat, `json_extract(${json}, '${path}')`)}`)].join(', ')})`;
const listOfMessages = (json: string, chat: string): string =>
  `(SELECT json_group_array(${messageId(chat, 'value')}) FROM json_each(${json}))`;
const parts = `CASE WHEN parts IS NULL THEN NULL ELSE
  (SELECT json_group_array(${withMessageIds('value', 'chat_id', '$.messageId')}) FROM json_each(parts)) END`;

/** A chat's own id in words, or the one that it had before it moved; else the name of a workspace. */
const tenant = (table: string): string => `CASE WHEN ${table}.tenant = CAST(${table}.chat_id AS TEXT) OR EXISTS
    (SELECT 1 FROM former_chat_moves WHERE to_chat_id = ${table}.chat_id AND CAST(from_chat_id AS TEXT) = ${table}.tenant)
  THEN ${chatId(`CAST(${table}.tenant AS INTEGER)`)} ELSE ${table}.tenant END`;

/** `<prefix><chat number><separator><rest>`, with the chat's id for its number. */
const withChatIn = (key: string, prefix: string, separator: string, rest: (chat: string, behind: string) => string): string => {
  const tail = `substr(${key}, ${prefix.length + 1})`;
  const end = `instr(${tail}, '${separator}')`;
  return `'${prefix}' || ${rest(`CAST(substr(${tail}, 1, ${end} - 1) AS INTEGER)`, `substr(${tail}, ${end} + 1)`)}`;
};
const dedupeKey = `CASE WHEN dedupe_key GLOB 'schedules-skipped:[-0-9]*:*' THEN
  ${withChatIn('dedupe_key', 'schedules-skipped:', ':', (chat, day) => `${chatId(chat)} || ':' || ${day}`)} ELSE dedupe_key END`;
const progressKey = withChatIn('key', 'progress:', '/', (chat, message) => `${chatId(chat)} || '/' || ${messageId(chat, message)}`);
/** `penalty:<lane>`, or `penalty:<lane>:<chat number>`. */
const lane = `substr(key, ${'penalty:'.length + 1})`;
const penaltyChat = `CAST(substr(${lane}, instr(${lane}, ':') + 1) AS INTEGER)`;
const penaltyKey = `CASE instr(${lane}, ':') WHEN 0 THEN key
  ELSE 'penalty:' || substr(${lane}, 1, instr(${lane}, ':')) || ${chatId(penaltyChat)} END`;

const PROMISES = `id INTEGER PRIMARY KEY,
    chat_id TEXT NOT NULL,
    message_id TEXT,
    task_description TEXT NOT NULL,
    task_type TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    completed_at TEXT,
    result_summary TEXT,
    error_message TEXT,
    metadata TEXT NOT NULL, -- JSON
    error_code TEXT,
    last_error TEXT, -- JSON: of the attempt before
    requested_by TEXT NOT NULL, -- JSON
    priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 10),
    retry TEXT NOT NULL, -- JSON
    idempotency_key TEXT,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    lost_leases INTEGER NOT NULL,
    version INTEGER NOT NULL,
    due_at INTEGER,
    started_at INTEGER,
    lease_worker TEXT,
    lease_expires_at INTEGER,
    delivered_at INTEGER,
    tenant TEXT NOT NULL,
    not_before INTEGER,
    deadline_at INTEGER,
    progress TEXT,
    progress_at INTEGER,
    chat_kind TEXT NOT NULL,
    agent TEXT NOT NULL DEFAULT 'valor_agent'`;
const SCHEDULES = `id INTEGER PRIMARY KEY,
    chat_id TEXT NOT NULL,
    message_id TEXT,
    requested_by TEXT NOT NULL, -- JSON
    tenant TEXT NOT NULL,
    task_description TEXT NOT NULL,
    task_type TEXT NOT NULL,
    priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 10),
    retry TEXT NOT NULL, -- JSON
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    created_at TEXT NOT NULL,
    next_at INTEGER, -- NULL once it has ended
    last_promise_id INTEGER,
    ended_at TEXT,
    version INTEGER NOT NULL,
    chat_kind TEXT NOT NULL,
    agent TEXT NOT NULL DEFAULT 'valor_agent'`;
const MESSAGES = `sequence INTEGER PRIMARY KEY, -- the order of the messages of a chat
    chat_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    chat_kind TEXT NOT NULL,
    chat_title TEXT,
    sender TEXT NOT NULL, -- JSON
    text TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    reply_to TEXT,
    addressed_to TEXT,
    received_at INTEGER NOT NULL,
    access TEXT NOT NULL, -- JSON
    response TEXT, -- JSON
    verdict TEXT,
    turn_id TEXT,
    failure TEXT,
    reply_key TEXT NOT NULL,
    replied TEXT, -- JSON
    parts TEXT, -- JSON
    attachments TEXT, -- JSON
    edited_at INTEGER,
    deleted_at INTEGER,
    UNIQUE (chat_id, message_id)`;
const OUTBOX = `id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id TEXT NOT NULL,
    text TEXT NOT NULL,
    reply_to TEXT,
    answers TEXT NOT NULL, -- JSON
    promise_id INTEGER,
    dedupe_key TEXT NOT NULL UNIQUE,
    delivery_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    status TEXT NOT NULL,
    due_at INTEGER,
    last_error TEXT,
    sent_at INTEGER,
    sent_message_id TEXT,
    failed_at INTEGER`;
const LOCAL_MESSAGES = `position INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id TEXT NOT NULL,
    sequence INTEGER NOT NULL, -- the order of the messages of a chat
    message_id TEXT NOT NULL AS ('local:' || sequence),
    sender TEXT NOT NULL,
    text TEXT NOT NULL,
    reply_to TEXT,
    answers TEXT NOT NULL, -- JSON
    at INTEGER NOT NULL,
    delivery_key TEXT NOT NULL,
    received INTEGER NOT NULL,
    UNIQUE (chat_id, sequence),
    UNIQUE (chat_id, delivery_key)`;

const same = (names: string): Readonly<Record<string, string>> => Object.fromEntries(names.split(/[\s,]+/).map((name) => [name, name]));

interface Rebuilt {
  readonly name: string;
  readonly definition: string;
  /** What fills each column, over the former table's row. */
  readonly columns: Readonly<Record<string, string>>;
  readonly order?: string;
  readonly withoutRowid?: true;
}

/** Each before those that refer to it. */
const TABLES: readonly Rebuilt[] = [
  {
    name: 'chat_moves',
    definition: 'from_chat_id TEXT PRIMARY KEY, to_chat_id TEXT NOT NULL, moved_at INTEGER NOT NULL -- in ms since 1970\n',
    columns: { from_chat_id: chatId('from_chat_id'), to_chat_id: chatId('to_chat_id'), moved_at: 'moved_at' },
    withoutRowid: true,
  },
  {
    name: 'promises',
    definition: PROMISES,
    columns: {
      ...same('id, task_description, task_type, status, created_at, completed_at, result_summary, error_message, metadata, error_code'),
      ...same('last_error, priority, retry, idempotency_key, attempts, failures, lost_leases, version, due_at, started_at, lease_worker'),
      ...same('lease_expires_at, delivered_at, not_before, deadline_at, progress, progress_at'),
      chat_id: chatId('chat_id'),
      chat_kind: chatKind('chat_id'),
      message_id: messageId('chat_id', 'message_id'),
      requested_by: withUserId('requested_by'),
      tenant: tenant('former_promises'),
    },
  },
  {
    name: 'promise_dependencies',
    definition: `promise_id INTEGER NOT NULL REFERENCES promises (id) ON DELETE CASCADE, position INTEGER NOT NULL, parent_id INTEGER NOT NULL,
    PRIMARY KEY (promise_id, position)`,
    columns: same('promise_id, position, parent_id'),
    withoutRowid: true,
  },
  {
    name: 'schedules',
    definition: SCHEDULES,
    columns: {
      ...same('id, task_description, task_type, priority, retry, cron, time_zone, created_at, next_at, last_promise_id, ended_at, version'),
      chat_id: chatId('chat_id'),
      chat_kind: chatKind('chat_id'),
      message_id: messageId('chat_id', 'message_id'),
      requested_by: withUserId('requested_by'),
      tenant: tenant('former_schedules'),
    },
  },
  {
    name: 'messages',
    definition: MESSAGES,
    columns: {
      ...same('chat_kind, text, sent_at, addressed_to, received_at, access, response, verdict, turn_id, failure, edited_at, deleted_at'),
      chat_id: chatId('chat_id'),
      message_id: messageId('chat_id', 'message_id'),
      sender: withUserId('sender'),
      reply_to: messageId('chat_id', 'reply_to'),
      reply_key: 'reply_random_id',
      replied: withMessageIds('replied', 'chat_id', '$.messageId'),
      parts,
    },
    // As they were ordered before; what comes from now on comes behind.
    order: 'former_messages.chat_id, former_messages.message_id',
  },
  {
    name: 'conversation',
    definition: `id INTEGER PRIMARY KEY AUTOINCREMENT, chat_id TEXT NOT NULL, at INTEGER NOT NULL, turn_id TEXT, step TEXT NOT NULL, -- JSON
    message_id TEXT, replied_id TEXT`,
    columns: {
      ...same('id, at, turn_id'),
      chat_id: chatId('chat_id'),
      step: withMessageIds('step', 'chat_id', '$.messageId', '$.replied.messageId'),
      message_id: messageId('chat_id', 'message_id'),
      replied_id: messageId('chat_id', 'replied_id'),
    },
  },
  {
    name: 'forgotten_conversations',
    definition: 'chat_id TEXT PRIMARY KEY, up_to INTEGER NOT NULL',
    columns: { chat_id: chatId('chat_id'), up_to: 'up_to' },
    withoutRowid: true,
  },
  {
    name: 'turns',
    definition: `id TEXT PRIMARY KEY, chat_id TEXT NOT NULL, agent TEXT NOT NULL, model TEXT, started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL, outcome TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL, tool_calls INTEGER NOT NULL, gate TEXT`,
    columns: {
      ...same('id, agent, model, started_at, ended_at, outcome, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens'),
      ...same('tool_calls, gate'),
      chat_id: chatId('chat_id'),
    },
  },
  {
    name: 'outbox',
    definition: OUTBOX,
    columns: {
      ...same('id, text, promise_id, created_at, attempts, status, due_at, last_error, sent_at, failed_at'),
      chat_id: chatId('chat_id'),
      reply_to: messageId('chat_id', 'reply_to'),
      answers: listOfMessages('answers', 'chat_id'),
      dedupe_key: dedupeKey,
      delivery_key: 'random_id',
      sent_message_id: messageId('chat_id', 'sent_message_id'),
    },
  },
  {
    name: 'outbox_answers',
    definition: `chat_id TEXT NOT NULL, message_id TEXT NOT NULL, outbox_id INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    PRIMARY KEY (chat_id, message_id, outbox_id)`,
    columns: { chat_id: chatId('chat_id'), message_id: messageId('chat_id', 'message_id'), outbox_id: 'outbox_id' },
    withoutRowid: true,
  },
  {
    name: 'local_messages',
    definition: LOCAL_MESSAGES,
    columns: {
      ...same('position, sender, text, at, received'),
      chat_id: chatId('chat_id'),
      sequence: 'message_id',
      reply_to: messageId('chat_id', 'reply_to'),
      answers: listOfMessages('answers', 'chat_id'),
      delivery_key: 'random_id',
    },
  },
  {
    name: 'username_pins',
    definition: 'username TEXT PRIMARY KEY, user_id TEXT NOT NULL',
    columns: { username: `'telegram:' || username`, user_id: userId('user_id') },
    withoutRowid: true,
  },
];

const rebuild = ({ name, definition, columns, order, withoutRowid }: Rebuilt): readonly string[] => [
  `ALTER TABLE ${name} RENAME TO former_${name}`,
  `CREATE TABLE ${name} (\n    ${definition}) STRICT${withoutRowid ? ', WITHOUT ROWID' : ''}`,
  `INSERT INTO ${name} (${Object.keys(columns).join(', ')})
    SELECT ${Object.values(columns).join(', ')} FROM former_${name}${order ? ` ORDER BY ${order}` : ''}`,
];
/** Numbers that were ever given are not given again. */
const NUMBERS = ['conversation', 'outbox', 'local_messages'].flatMap((name) => [
  `DELETE FROM sqlite_sequence WHERE name = '${name}'`,
  `UPDATE sqlite_sequence SET name = '${name}' WHERE name = 'former_${name}'`,
]);

const STATE = [
  `CREATE TABLE key_values (owner TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, key)) STRICT, WITHOUT ROWID`,
  `INSERT INTO key_values (owner, key, value) SELECT
    CASE WHEN gateway NOT IN ('telegram', 'local') THEN gateway WHEN key GLOB 'penalty:*' THEN 'outbox:' || gateway
      WHEN key GLOB 'progress:[-0-9]*/[0-9]*' THEN 'progress:' || gateway ELSE gateway END,
    CASE WHEN gateway NOT IN ('telegram', 'local') THEN key WHEN key GLOB 'penalty:*' THEN ${penaltyKey}
      WHEN key GLOB 'progress:[-0-9]*/[0-9]*' THEN ${progressKey} ELSE key END,
    value FROM gateway_state`,
  'DROP TABLE gateway_state',
  `UPDATE counters SET name = 'local-chat:' || ${chatId(`CAST(substr(name, ${'local-chat:'.length + 1}) AS INTEGER)`)}
    WHERE name GLOB 'local-chat:*'`,
];

const PARTS = [
  `CREATE TABLE message_parts (
    chat_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    part_id TEXT NOT NULL,
    PRIMARY KEY (chat_id, message_id, part_id),
    FOREIGN KEY (chat_id, message_id) REFERENCES messages (chat_id, message_id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID`,
  `INSERT INTO message_parts (chat_id, message_id, part_id) SELECT chat_id, message_id, json_extract(part.value, '$.messageId')
    FROM messages, json_each(parts) AS part WHERE parts IS NOT NULL ON CONFLICT DO NOTHING`,
];

/** The same as before, but for messages, which are ordered by their sequence. */
const INDEXES = [
  'CREATE INDEX promises_by_chat ON promises (chat_id)',
  'CREATE INDEX promises_undelivered ON promises (id) WHERE completed_at IS NOT NULL AND delivered_at IS NULL',
  'CREATE UNIQUE INDEX promises_by_key ON promises (chat_id, idempotency_key) WHERE idempotency_key IS NOT NULL',
  'CREATE INDEX promises_by_deadline ON promises (deadline_at, id) WHERE deadline_at IS NOT NULL AND completed_at IS NULL',
  'CREATE INDEX promises_settled ON promises (completed_at) WHERE completed_at IS NOT NULL',
  `CREATE INDEX promises_running ON promises (tenant) WHERE status = 'in_progress'`,
  `CREATE INDEX promises_pending ON promises (priority, tenant, task_type, due_at, id) WHERE status = 'pending'`,
  'CREATE INDEX promises_by_tenant ON promises (tenant, id)',
  'CREATE INDEX promises_open ON promises (id) WHERE completed_at IS NULL',
  `CREATE INDEX promises_waiting ON promises (id) WHERE status = 'waiting'`,
  `CREATE INDEX promises_by_status ON promises (status) WHERE status = 'completed' OR status = 'failed' OR status = 'cancelled'`,
  `CREATE INDEX promises_due ON promises (priority, task_type, due_at, id) WHERE status = 'pending'`,
  'CREATE INDEX promise_dependencies_by_parent ON promise_dependencies (parent_id, promise_id)',
  'CREATE INDEX schedules_due ON schedules (next_at) WHERE next_at IS NOT NULL',
  'CREATE INDEX schedules_by_chat ON schedules (chat_id)',
  'CREATE INDEX messages_open ON messages (chat_id, sequence) WHERE verdict IS NULL',
  'CREATE INDEX messages_by_verdict ON messages (verdict)',
  'CREATE INDEX messages_by_id ON messages (message_id) WHERE deleted_at IS NULL',
  'CREATE INDEX messages_by_quoted ON messages (reply_to, chat_id) WHERE replied IS NOT NULL',
  'CREATE INDEX messages_incomplete ON messages (received_at) WHERE attachments IS NOT NULL',
  'CREATE INDEX message_parts_by_part ON message_parts (part_id)',
  'CREATE INDEX conversation_by_chat ON conversation (chat_id, id)',
  'CREATE INDEX conversation_by_message ON conversation (message_id, chat_id) WHERE message_id IS NOT NULL',
  'CREATE INDEX conversation_by_replied ON conversation (replied_id, chat_id) WHERE replied_id IS NOT NULL',
  'CREATE INDEX turns_by_chat ON turns (chat_id, ended_at)',
  `CREATE INDEX outbox_pending ON outbox (chat_id, id) WHERE status = 'pending'`,
  `CREATE INDEX outbox_by_status ON outbox (status) WHERE status = 'sent' OR status = 'failed'`,
  'CREATE INDEX outbox_by_promise ON outbox (promise_id) WHERE promise_id IS NOT NULL',
  'CREATE INDEX outbox_by_message ON outbox (chat_id, sent_message_id) WHERE sent_message_id IS NOT NULL',
  'CREATE INDEX local_messages_unreceived ON local_messages (position) WHERE received = 0',
];

/**
 * Ids become strings that begin with the name of their gateway. Every table that holds one is filled anew, in one
 * transaction. The class name is what TypeORM records: it never changes.
 */
export class IdsNameTheirGateway1763823600000 implements MigrationInterface {
  static readonly phase = 'contract';
  static readonly words = 'all ids of chats, people and messages name their gateway';

  async up(runner: QueryRunner): Promise<void> {
    // Those that refer to others go first: a table that others refer to takes their rows along.
    const drops = TABLES.map(({ name }) => `DROP TABLE former_${name}`).reverse();
    for (const sql of [...TABLES.flatMap(rebuild), ...NUMBERS, ...drops, ...PARTS, ...STATE, ...INDEXES]) await runner.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('ids of threads, and of gateways other than Telegram, have no number: restore a backup from before');
  }
}
