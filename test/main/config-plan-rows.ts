/** Long because each change stands with all that comes of it. */
import type { AccessChange } from '../../src/main/commands/plan-grants.ts';

/** What the tests change in a file of workspaces. */
export interface WrittenFile {
  workspaces: Record<string, Record<string, unknown>>;
  dm_whitelist: Record<string, unknown>;
  people: Record<string, unknown>;
  budget?: unknown;
}

/** The file before each change. */
export const WRITTEN: WrittenFile = {
  workspaces: {
    Acme: {
      description: 'The developers',
      workspace_type: 'acme',
      working_directory: '/srv/acme',
      telegram_chat_ids: ['-1001'],
      roles: { '502': 'owner', '503': 'guest' },
      approve: ['search_history'],
      database_id: '0123456789abcdef0123456789abcdef',
    },
    Orchard: {
      description: 'The gardeners',
      workspace_type: 'orchard',
      working_directory: '/srv/orchard',
      telegram_chat_ids: ['-1002', '-1003'],
      tools: ['read_file', 'list_files', 'recall', 'mcp__*'],
      mcp_servers: ['files'],
      is_dev_group: true,
      budget: { daily_usd: 5, cheaper_model: 'rehearsal' },
    },
  },
  dm_whitelist: {
    default_working_directory: '/srv/home',
    allowed_user_ids: { '501': { description: 'Anna' }, '504': { description: 'Dora', working_directory: '/srv/dora' } },
    allowed_users: { cleo: { description: 'Cleo' } },
  },
  people: { '501': { name: 'Anna', budget: { monthly_usd: 20 } }, '502': { name: 'Bob' } },
  budget: { monthly_usd: 500 },
};

/** One change of the file, and all that comes of it. */
export interface Row {
  readonly name: string;
  readonly change: (file: WrittenFile) => void;
  readonly expected: readonly AccessChange[];
}

const workspace = (file: WrittenFile, name: string): Record<string, unknown> => file.workspaces[name] ?? {};
const people = (file: WrittenFile, id: string, person: unknown): void => {
  file.people[id] = person;
};
const direct = (file: WrittenFile, key: 'allowed_user_ids' | 'allowed_users', id: string, entry: unknown): void => {
  file.dm_whitelist[key] = { ...(file.dm_whitelist[key] as Record<string, unknown>), [id]: entry };
};

const MEMBER_END = ['spend', 'see usage', 'begin conversations anew'];
const BOTH_SERVERS = ['tool mcp__files__* after an approval', 'tool mcp__tracker__* after an approval'];
/** What whoever is let in may do in a direct conversation, and with what. */
const IN_DIRECT = [
  'agent telegram_chat_agent',
  'ask',
  'use agents',
  'use tools',
  'use acting tools',
  'have code changed',
  'cancel own promises',
  "cancel others' promises",
  'retry own promises',
  "retry others' promises",
  'approve',
  ...MEMBER_END,
  'tool make_promise',
  'tool list_promises',
  'tool cancel_promise',
  'tool schedule_promise',
  'tool list_schedules',
  'tool cancel_schedule',
  'tool read_file',
  'tool list_files',
  'tool search_files',
  'tool search_history',
  'tool remember',
  'tool recall',
  'tool forget',
  'tool save_link',
  'tool search_links',
  'tool query_notion',
  'tool read_notion_page',
  ...BOTH_SERVERS,
];
const GROUP_TALK = [
  'ask',
  'use agents',
  'use tools',
  'use acting tools',
  'have code changed after an approval',
  'cancel own promises',
  "cancel others' promises",
  'retry own promises',
  "retry others' promises",
];
const GROUP_TOOLS = [
  'tool make_promise',
  'tool list_promises',
  'tool cancel_promise',
  'tool schedule_promise',
  'tool list_schedules',
  'tool cancel_schedule',
  'tool read_file',
  'tool list_files',
  'tool search_files',
  'tool search_history after an approval',
  'tool remember',
  'tool recall',
  'tool forget',
  'tool save_link',
  'tool search_links',
  'tool query_notion',
  'tool read_notion_page',
  ...BOTH_SERVERS,
];
/** What members of Acme may do, and guests may not. */
const MORE_THAN_GUESTS = [
  'use acting tools',
  'have code changed after an approval',
  "cancel others' promises",
  "retry others' promises",
  'see usage',
  'begin conversations anew',
  'tool remember',
  'tool forget',
  'tool save_link',
  ...BOTH_SERVERS,
];
/** What the built-in agent has in Acme, and the agent `triage` has not. */
const LOST_WITH_TRIAGE = [
  'agent telegram_chat_agent',
  'tool make_promise',
  'tool list_promises',
  'tool cancel_promise',
  'tool schedule_promise',
  'tool list_schedules',
  'tool cancel_schedule',
  'tool read_file',
  'tool list_files',
  'tool search_files',
  'tool search_history after an approval',
  'tool remember',
  'tool forget',
  'tool save_link',
  'tool query_notion',
  'tool read_notion_page',
  ...BOTH_SERVERS,
];

export const ROWS: readonly Row[] = [
  { name: 'nothing', change: () => undefined, expected: [] },
  {
    name: 'words for people',
    change: (file) => Object.assign(workspace(file, 'Acme'), { description: 'Others', workspace_type: 'b', aliases: ['ac'] }),
    expected: [],
  },
  {
    name: 'a role of member where there was none',
    change: (file) => people(file, '501', { name: 'Anna', role: 'member', budget: { monthly_usd: 20 } }),
    expected: [{ subject: 'telegram:501', place: 'own', gains: [], loses: ['approve'] }],
  },
  {
    name: 'an owner of a workspace',
    change: (file) => Object.assign(workspace(file, 'Orchard'), { roles: { '501': 'owner' } }),
    expected: [{ subject: 'telegram:501', place: 'Orchard', gains: ['approve', 'give standing approvals'], loses: [] }],
  },
  {
    name: 'an owner no more',
    change: (file) => Object.assign(workspace(file, 'Acme'), { roles: { '503': 'guest' } }),
    expected: [{ subject: 'telegram:502', place: 'Acme', gains: [], loses: ['approve', 'give standing approvals'] }],
  },
  {
    name: 'a guest no more',
    change: (file) => Object.assign(workspace(file, 'Acme'), { roles: { '502': 'owner' } }),
    expected: [{ subject: 'telegram:503', place: 'Acme', gains: [...MORE_THAN_GUESTS], loses: [] }],
  },
  {
    name: 'an owner everywhere',
    change: (file) => people(file, '504', { name: 'Dora', role: 'owner' }),
    expected: [
      { subject: 'telegram:504', place: 'Acme', gains: ['approve', 'give standing approvals'], loses: [] },
      { subject: 'telegram:504', place: 'Orchard', gains: ['approve', 'give standing approvals'], loses: [] },
      { subject: 'telegram:504', place: 'own', gains: ['give standing approvals'], loses: [] },
    ],
  },
  {
    name: 'a guest everywhere',
    change: (file) => people(file, '504', { name: 'Dora', role: 'guest' }),
    expected: [
      { subject: 'telegram:504', place: 'Acme', gains: [], loses: [...MORE_THAN_GUESTS] },
      {
        subject: 'telegram:504',
        place: 'Orchard',
        gains: [],
        loses: [
          'use acting tools',
          'have code changed',
          "cancel others' promises",
          "retry others' promises",
          'see usage',
          'begin conversations anew',
          'tool mcp__files__* after an approval',
        ],
      },
      {
        subject: 'telegram:504',
        place: 'own',
        gains: [],
        loses: [
          'use acting tools',
          'have code changed',
          "cancel others' promises",
          "retry others' promises",
          'approve',
          'see usage',
          ...BOTH_SERVERS,
        ],
      },
    ],
  },
  {
    name: 'somebody let in by id',
    change: (file) => direct(file, 'allowed_user_ids', '505', { description: 'Eve' }),
    expected: [{ subject: 'telegram:505', place: 'own', gains: ['directory /srv/home', ...IN_DIRECT], loses: [] }],
  },
  {
    name: 'somebody shut out by id',
    change: (file) => Object.assign(file.dm_whitelist, { allowed_user_ids: { '501': { description: 'Anna' } } }),
    expected: [{ subject: 'telegram:504', place: 'own', gains: [], loses: ['directory /srv/dora', ...IN_DIRECT] }],
  },
  {
    name: 'somebody let in by username',
    change: (file) => direct(file, 'allowed_users', 'fred', {}),
    expected: [{ subject: 'telegram:@fred', place: 'own', gains: ['directory /srv/home', ...IN_DIRECT], loses: [] }],
  },
  {
    name: 'somebody shut out by username',
    change: (file) => Object.assign(file.dm_whitelist, { allowed_users: {} }),
    expected: [{ subject: 'telegram:@cleo', place: 'own', gains: [], loses: ['directory /srv/home', ...IN_DIRECT] }],
  },
  {
    name: 'pairing, with somebody who was let in before',
    change: (file) => Object.assign(file.dm_whitelist, { pairing: true }),
    expected: [
      { subject: 'telegram:507', place: 'own', gains: ['directory /srv/home', ...IN_DIRECT], loses: [] },
      { subject: 'anybody', place: 'own', gains: ['being offered to the owners'], loses: [] },
    ],
  },
  {
    name: 'another directory for everybody',
    change: (file) => Object.assign(file.dm_whitelist, { default_working_directory: '/srv/new' }),
    expected: [
      { subject: 'local:operator', place: 'own', gains: ['directory /srv/new'], loses: ['directory /srv/home'] },
      { subject: 'telegram:501', place: 'own', gains: ['directory /srv/new'], loses: ['directory /srv/home'] },
      { subject: 'telegram:@cleo', place: 'own', gains: ['directory /srv/new'], loses: ['directory /srv/home'] },
    ],
  },
  {
    name: 'a directory of their own',
    change: (file) => direct(file, 'allowed_user_ids', '501', { working_directory: '/srv/anna' }),
    expected: [{ subject: 'telegram:501', place: 'own', gains: ['directory /srv/anna'], loses: ['directory /srv/home'] }],
  },
  {
    name: 'another directory of a workspace',
    change: (file) => Object.assign(workspace(file, 'Orchard'), { working_directory: '/srv/garden' }),
    expected: [{ subject: 'Orchard', place: 'Orchard', gains: ['directory /srv/garden'], loses: ['directory /srv/orchard'] }],
  },
  {
    name: 'a workspace more',
    change: (file) =>
      Object.assign(file.workspaces, {
        Quarry: { description: '', workspace_type: 'q', working_directory: '/srv/quarry', telegram_chat_ids: ['-1004'], tools: ['recall'] },
      }),
    expected: [
      {
        subject: 'Quarry',
        place: 'Quarry',
        gains: ['chat telegram:-1004', 'directory /srv/quarry', 'agent telegram_chat_agent', ...GROUP_TALK, ...MEMBER_END, 'tool recall'],
        loses: [],
      },
    ],
  },
  {
    name: 'a workspace less',
    change: (file) => void delete file.workspaces.Orchard,
    expected: [
      {
        subject: 'Orchard',
        place: 'Orchard',
        gains: [],
        loses: [
          'chat telegram:-1002',
          'an answer without a mention',
          'directory /srv/orchard',
          'agent telegram_chat_agent',
          'ask',
          'use agents',
          'use tools',
          'use acting tools',
          'have code changed',
          'cancel own promises',
          "cancel others' promises",
          'retry own promises',
          "retry others' promises",
          ...MEMBER_END,
          'tool read_file',
          'tool list_files',
          'tool recall',
          'tool mcp__files__* after an approval',
          'chat telegram:-1009',
        ],
      },
    ],
  },
  {
    name: 'a group more',
    change: (file) => Object.assign(workspace(file, 'Acme'), { telegram_chat_ids: ['-1001', '-1005'] }),
    expected: [
      { subject: 'Acme', place: 'Acme', gains: ['chat telegram:-1005'], loses: [] },
      { subject: 'telegram:502', place: 'Acme', gains: ['chat telegram:-1005'], loses: [] },
      { subject: 'telegram:503', place: 'Acme', gains: ['chat telegram:-1005'], loses: [] },
    ],
  },
  {
    name: 'a group that goes over to another workspace',
    change: (file) => {
      Object.assign(workspace(file, 'Acme'), { telegram_chat_ids: ['-1001', '-1003'] });
      Object.assign(workspace(file, 'Orchard'), { telegram_chat_ids: ['-1002'] });
    },
    expected: [
      { subject: 'Acme', place: 'Acme', gains: ['chat telegram:-1009'], loses: [] },
      { subject: 'telegram:502', place: 'Acme', gains: ['chat telegram:-1009'], loses: [] },
      { subject: 'telegram:503', place: 'Acme', gains: ['chat telegram:-1009'], loses: [] },
      { subject: 'Orchard', place: 'Orchard', gains: [], loses: ['chat telegram:-1009'] },
    ],
  },
  {
    name: 'the last group less',
    change: (file) => Object.assign(workspace(file, 'Acme'), { telegram_chat_ids: [] }),
    expected: [
      {
        subject: 'Acme',
        place: 'Acme',
        gains: [],
        loses: [
          'chat telegram:-1001',
          'directory /srv/acme',
          'agent telegram_chat_agent',
          'Notion database 0123456789abcdef0123456789abcdef',
          ...GROUP_TALK,
          ...MEMBER_END,
          ...GROUP_TOOLS,
        ],
      },
      {
        subject: 'telegram:502',
        place: 'Acme',
        gains: [],
        loses: [
          'chat telegram:-1001',
          'directory /srv/acme',
          'agent telegram_chat_agent',
          'Notion database 0123456789abcdef0123456789abcdef',
          ...GROUP_TALK,
          'approve',
          'give standing approvals',
          ...MEMBER_END,
          ...GROUP_TOOLS,
        ],
      },
      {
        subject: 'telegram:503',
        place: 'Acme',
        gains: [],
        loses: [
          'chat telegram:-1001',
          'directory /srv/acme',
          'agent telegram_chat_agent',
          'Notion database 0123456789abcdef0123456789abcdef',
          'ask',
          'use agents',
          'use tools',
          'cancel own promises',
          'retry own promises',
          'spend',
          'tool make_promise',
          'tool list_promises',
          'tool cancel_promise',
          'tool schedule_promise',
          'tool list_schedules',
          'tool cancel_schedule',
          'tool read_file',
          'tool list_files',
          'tool search_files',
          'tool search_history after an approval',
          'tool recall',
          'tool search_links',
          'tool query_notion',
          'tool read_notion_page',
        ],
      },
    ],
  },
  {
    name: 'the new id of a group that has moved',
    change: (file) => Object.assign(workspace(file, 'Orchard'), { telegram_chat_ids: ['-1002', '-1009'] }),
    expected: [],
  },
  {
    name: 'fewer tools',
    change: (file) => Object.assign(workspace(file, 'Orchard'), { tools: ['read_file', 'list_files', 'mcp__*'] }),
    expected: [{ subject: 'Orchard', place: 'Orchard', gains: [], loses: ['tool recall'] }],
  },
  {
    name: 'more tools',
    change: (file) => Object.assign(workspace(file, 'Orchard'), { tools: ['read_file', 'list_files', 'recall', 'search_links', 'mcp__*'] }),
    expected: [{ subject: 'Orchard', place: 'Orchard', gains: ['tool search_links'], loses: [] }],
  },
  {
    name: 'a tool that asks',
    change: (file) => Object.assign(workspace(file, 'Orchard'), { approve: ['read_file'] }),
    expected: [{ subject: 'Orchard', place: 'Orchard', gains: [], loses: ['tool read_file without an approval'] }],
  },
  {
    name: 'a tool that asks no more',
    change: (file) => Object.assign(workspace(file, 'Acme'), { approve: [] }),
    expected: [
      { subject: 'Acme', place: 'Acme', gains: ['tool search_history without an approval'], loses: [] },
      { subject: 'telegram:502', place: 'Acme', gains: ['tool search_history without an approval'], loses: [] },
      { subject: 'telegram:503', place: 'Acme', gains: ['tool search_history without an approval'], loses: [] },
    ],
  },
  {
    name: 'a server less',
    change: (file) => Object.assign(workspace(file, 'Orchard'), { mcp_servers: [] }),
    expected: [{ subject: 'Orchard', place: 'Orchard', gains: [], loses: ['tool mcp__files__* after an approval'] }],
  },
  {
    name: 'a server more',
    change: (file) => Object.assign(workspace(file, 'Orchard'), { mcp_servers: ['files', 'tracker'] }),
    expected: [{ subject: 'Orchard', place: 'Orchard', gains: ['tool mcp__tracker__* after an approval'], loses: [] }],
  },
  {
    name: 'tools of a server that ask no more',
    change: (file) => Object.assign(workspace(file, 'Orchard'), { mcp_safe_tools: ['mcp__files__read_*'] }),
    expected: [{ subject: 'Orchard', place: 'Orchard', gains: ['tool mcp__files__read_* without an approval'], loses: [] }],
  },
  {
    name: 'the same in direct conversations',
    change: (file) => Object.assign(file.dm_whitelist, { mcp_safe_tools: ['mcp__files__*'] }),
    expected: [
      { subject: 'local:operator', place: 'own', gains: ['tool mcp__files__* without an approval'], loses: [] },
      { subject: 'telegram:501', place: 'own', gains: ['tool mcp__files__* without an approval'], loses: [] },
      { subject: 'telegram:504', place: 'own', gains: ['tool mcp__files__* without an approval'], loses: [] },
      { subject: 'telegram:@cleo', place: 'own', gains: ['tool mcp__files__* without an approval'], loses: [] },
    ],
  },
  {
    name: 'another agent',
    change: (file) => Object.assign(workspace(file, 'Acme'), { agent: 'triage' }),
    expected: [
      { subject: 'Acme', place: 'Acme', gains: ['agent triage'], loses: [...LOST_WITH_TRIAGE] },
      { subject: 'telegram:502', place: 'Acme', gains: ['agent triage'], loses: [...LOST_WITH_TRIAGE] },
      {
        subject: 'telegram:503',
        place: 'Acme',
        gains: ['agent triage'],
        loses: [
          'agent telegram_chat_agent',
          'tool make_promise',
          'tool list_promises',
          'tool cancel_promise',
          'tool schedule_promise',
          'tool list_schedules',
          'tool cancel_schedule',
          'tool read_file',
          'tool list_files',
          'tool search_files',
          'tool search_history after an approval',
          'tool query_notion',
          'tool read_notion_page',
        ],
      },
    ],
  },
  {
    name: 'a dev group',
    change: (file) => Object.assign(workspace(file, 'Acme'), { is_dev_group: true }),
    expected: [
      { subject: 'Acme', place: 'Acme', gains: ['have code changed without an approval', 'an answer without a mention'], loses: [] },
      {
        subject: 'telegram:502',
        place: 'Acme',
        gains: ['have code changed without an approval', 'an answer without a mention'],
        loses: [],
      },
      { subject: 'telegram:503', place: 'Acme', gains: ['an answer without a mention'], loses: [] },
    ],
  },
  {
    name: 'a dev group no more',
    change: (file) => Object.assign(workspace(file, 'Orchard'), { is_dev_group: false }),
    expected: [
      { subject: 'Orchard', place: 'Orchard', gains: [], loses: ['an answer without a mention', 'have code changed without an approval'] },
    ],
  },
  {
    name: 'a first budget of a workspace',
    change: (file) => Object.assign(workspace(file, 'Acme'), { budget: { daily_usd: 3, promise_usd: 1 } }),
    expected: [
      {
        subject: 'Acme',
        place: 'Acme',
        gains: [],
        loses: ['workspaces.Acme.budget.promise_usd: no limit → $1.00', 'workspaces.Acme.budget.daily_usd: no limit → $3.00'],
      },
    ],
  },
  {
    name: 'a higher budget, with no cheaper model',
    change: (file) => Object.assign(workspace(file, 'Orchard'), { budget: { daily_usd: 8 } }),
    expected: [
      {
        subject: 'Orchard',
        place: 'Orchard',
        gains: [
          'workspaces.Orchard.budget.daily_usd: $5.00 → $8.00',
          'the usual models from 80 % of workspaces.Orchard.budget.daily_usd on, where rehearsal answers',
        ],
        loses: [],
      },
    ],
  },
  {
    name: "a person's budget",
    change: (file) => people(file, '501', { name: 'Anna', budget: { monthly_usd: 0 } }),
    expected: [{ subject: 'telegram:501', place: 'everywhere', gains: [], loses: ['people.501.budget.monthly_usd: $20.00 → $0.00'] }],
  },
  {
    name: 'no budget of the installation',
    change: (file) => void delete file.budget,
    expected: [{ subject: 'installation', place: 'everywhere', gains: ['budget.monthly_usd: $500.00 → no limit'], loses: [] }],
  },
  {
    name: 'another database',
    change: (file) => Object.assign(workspace(file, 'Acme'), { database_id: 'fedcba9876543210fedcba9876543210' }),
    expected: [
      {
        subject: 'Acme',
        place: 'Acme',
        gains: ['Notion database fedcba9876543210fedcba9876543210'],
        loses: ['Notion database 0123456789abcdef0123456789abcdef'],
      },
      {
        subject: 'telegram:502',
        place: 'Acme',
        gains: ['Notion database fedcba9876543210fedcba9876543210'],
        loses: ['Notion database 0123456789abcdef0123456789abcdef'],
      },
      {
        subject: 'telegram:503',
        place: 'Acme',
        gains: ['Notion database fedcba9876543210fedcba9876543210'],
        loses: ['Notion database 0123456789abcdef0123456789abcdef'],
      },
    ],
  },
];
