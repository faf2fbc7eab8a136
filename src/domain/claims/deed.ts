/** What an answer can say that was done. The last four are looks, which change nothing. */
export const DEEDS = [
  'send',
  'create',
  'change',
  'delete',
  'save',
  'schedule',
  'approve',
  'pay',
  'run',
  'delegate',
  'web',
  'notion',
  'files',
  'data',
] as const;
export type Deed = (typeof DEEDS)[number];

export const isLook = (deed: Deed): boolean => deed === 'web' || deed === 'notion' || deed === 'files' || deed === 'data';

const ACTS: readonly Deed[] = DEEDS.filter((deed) => !isLook(deed));

/** What Kept's own tools do. */
const OWN: Readonly<Record<string, readonly Deed[]>> = {
  make_promise: ['create', 'schedule', 'delegate'],
  list_promises: ['data'],
  cancel_promise: ['delete', 'change'],
  schedule_promise: ['create', 'schedule', 'delegate'],
  list_schedules: ['data'],
  cancel_schedule: ['delete', 'change'],
  delegate_coding_task: ['create', 'delegate'],
  read_file: ['files'],
  list_files: ['files'],
  search_files: ['files'],
  read_skill: [],
  report_failure: [],
  search_history: ['data'],
  remember: ['save', 'create', 'change'],
  recall: ['data'],
  forget: ['delete', 'change'],
  save_link: ['save', 'create'],
  search_links: ['data'],
  search_web: ['web'],
  query_notion: ['notion', 'data'],
  read_notion_page: ['notion'],
};

type ByWord = readonly (readonly [words: RegExp, deeds: readonly Deed[]])[];

/** What a tool of somebody else does, by the verbs of its name… */
const VERBS: ByWord = [
  [
    /^(?:send|reply|respond|notify|forward|tweet|broadcast|announce|alert|ping|invite|share|publish|submit|contact|dispatch|deliver)$/,
    ['send'],
  ],
  [/^(?:post|comment|upload)$/, ['send', 'create', 'change']],
  [/^(?:create|new|make|insert|open|generate|clone|init|log|register|duplicate|copy|raise)$/, ['create', 'save']],
  [/^(?:add|write|append|put|upsert|save|store|record|import|attach)$/, ['create', 'change', 'save']],
  [
    /^(?:update|edit|change|modify|set|rename|move|patch|assign|complete|resolve|mark|transition|replace|push|commit|sync|enable|disable|toggle|reopen|lock|unlock|label|tag|reset|restore|rotate|grant|link|pin|unpin|mute|convert|configure|switch|fix)$/,
    ['change'],
  ],
  [
    /^(?:delete|remove|destroy|drop|clear|purge|trash|cancel|revoke|unsubscribe|kick|uninstall|unassign|unset|close|archive|forget)$/,
    ['delete', 'change'],
  ],
  [/^(?:remember|memori[sz]e|bookmark)$/, ['save']],
  [/^(?:schedule|reschedule|book|reserve)$/, ['schedule', 'pay']],
  [/^(?:approve|reject|deny|decline|accept|authori[sz]e|sign|review)$/, ['approve']],
  [/^merge$/, ['approve', 'change']],
  [/^(?:pay|transfer|purchase|buy|checkout|refund|charge|donate|wire)$/, ['pay']],
  [/^(?:deploy|redeploy|restart|reboot|install|upgrade|build|start|stop|test|lint|migrate|trigger|rollback|launch)$/, ['run']],
  [/^(?:delegate|handoff|spawn)$/, ['delegate']],
];

/** …and by its nouns, where no verb says that it only looks. */
const NOUNS: ByWord = [
  [/^(?:e?mails?|messages?|sms|dm|chat|notifications?|invitations?|invites?)$/, ['send']],
  [/^(?:memory|memories|notes?|bookmarks?)$/, ['save']],
  [/^(?:bookings?|reservations?|reminders?|events?|appointments?|calendar|meetings?|cron|alarms?)$/, ['schedule']],
  [/^(?:payments?|orders?|invoices?|transactions?|cart)$/, ['pay']],
  [/^(?:tests?|pipelines?|deployments?|builds?)$/, ['run']],
];

/** It can do anything. */
const ANYTHING =
  /^(?:run|exec|execute|eval|bash|shell|command|terminal|script|workflow|invoke|perform|graphql|rpc|api|sql|computer|action)$/;

const LOOKS =
  /^(?:get|list|search|query|find|read|fetch|look|lookup|view|describe|show|count|check|status|browse|retrieve|inspect|crawl|scrape)$/;

const LOOKS_AT: ByWord = [
  [
    /^(?:web|internet|browse|browser|urls?|https?|pages?|websites?|sites?|google|bing|tavily|exa|brave|perplexity|duckduckgo|crawl|scrape|firecrawl|fetch|news|wikipedia)$/,
    ['web'],
  ],
  [/^notion$/, ['notion']],
  [
    /^(?:files?|dir|directory|folders?|filesystem|fs|repos?|repository|code|grep|glob|git|github|gitlab|drive|documents?|docs|tree)$/,
    ['files'],
  ],
];

const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');

const among = (table: ByWord, words: readonly string[]): readonly Deed[] =>
  table.flatMap(([pattern, deeds]) => (words.some((word) => pattern.test(word)) ? deeds : []));

/**
 * The deeds that a successful call of this tool is a receipt for. A tool of somebody else is known by the words of its
 * name, `mcp__<server>__<tool>`; one whose name tells nothing may have done anything.
 */
export const deedsOfTool = (tool: string): ReadonlySet<Deed> => {
  const own = Object.hasOwn(OWN, tool) ? OWN[tool] : undefined;
  if (own) return new Set(own);
  const [, server = '', name = tool] = /^mcp__(.{1,64}?)__(.{1,200})$/.exec(tool) ?? [];
  const words = wordsOf(name.slice(0, 200));
  const looksAt: readonly Deed[] = ['data', ...among(LOOKS_AT, [...wordsOf(server), ...words])];
  const verbs = among(VERBS, words);
  const anything = words.some((word) => ANYTHING.test(word)) ? ACTS : [];
  if (verbs.length + anything.length > 0) return new Set([...looksAt, ...verbs, ...among(NOUNS, words), ...anything]);
  if (words.some((word) => LOOKS.test(word))) return new Set(looksAt);
  const nouns = among(NOUNS, words);
  return new Set([...looksAt, ...(nouns.length > 0 ? nouns : ACTS)]);
};
