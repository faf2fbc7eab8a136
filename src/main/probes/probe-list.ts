/** What a probe finds, for the reference, and the longest that it may take. */
interface AboutProbe {
  readonly finds: string;
  readonly limitMs: number;
  /** Only the running bot can tell it: whoever looks from outside asks the bot. */
  readonly ofBot?: true;
}

/**
 * The probes that `kept health` and `kept doctor` ask. A name in pointed brackets stands for each one of its kind. The
 * reference is written from this, and a test compares the limits.
 */
export const PROBES: Readonly<Record<string, AboutProbe>> = {
  'storage.database': { finds: 'whether the store can be opened, read and written', limitMs: 5_000 },
  'storage.disk': {
    finds:
      'whether the data directory can be written, is the one that Kept was started on, and has 1 MB of room; `warn` also by the rule `storage.disk` of `config/alerts.json`',
    limitMs: 2_000,
  },
  'http.certificate': {
    finds: 'with TLS: whether the certificate of `SSL_CERTFILE` can be used with its key, and is valid; `warn` from 14 days before its end',
    limitMs: 2_000,
  },
  'queue.promises': {
    finds:
      'how many promises run and wait, and for how long the oldest is due; `warn` where it is due for a minute and no worker is at work, or by the rule `queue.oldest-due`',
    limitMs: 5_000,
  },
  'queue.outbox': { finds: 'how many messages wait to be sent, and for how long the oldest is due; `warn` after a minute', limitMs: 5_000 },
  'queue.worker': {
    finds:
      'which workers give signs of life, on any machine, and when the last one was; `warn` where one runs here and gives none, or promises wait and none runs',
    limitMs: 5_000,
  },
  'process.running': {
    finds: 'what runs on this data, and which bots elsewhere; `warn` where there is data and no bot runs, or a process here is suspended',
    limitMs: 5_000,
  },
  'process.bot': { finds: 'whether the running bot answers those who ask beside it, over HTTP; 45 s with `--deep`', limitMs: 22_000 },
  'process.leader': { finds: 'where several bots share a database: who leads; `warn` while nobody is known to', limitMs: 5_000 },
  'process.restarts': {
    finds:
      'only while processes of a role on a machine began and broke off more than 4 times within 15 min, or as the rule `process.restarts` has it',
    limitMs: 5_000,
  },
  'process.log': { finds: "only while the log file can't be written", limitMs: 2_000, ofBot: true },
  'process.clock': {
    finds:
      'whether the clock agrees with that in the middle of all others, who are asked for the time: those of Telegram, of models, of services and of PostgreSQL, unless they run on this machine; `warn` beyond 10 s, and `fail` beyond 30 s where two say the same, as Telegram refuses messages then',
    limitMs: 5_000,
  },
  'gateway.local': { finds: 'whether the chats of page and terminal can be read; when the last message came', limitMs: 5_000, ofBot: true },
  'gateway.local-round-trip': { finds: 'deep: the time from a message to its delivered answer', limitMs: 15_000, ofBot: true },
  'gateway.telegram': {
    finds: 'how the connection stands; when the last message came. Where no bot runs, whether Telegram can be reached, as nobody',
    limitMs: 5_000,
  },
  'gateway.telegram-round-trip': { finds: 'the time of a call to Telegram and back', limitMs: 5_000, ofBot: true },
  'gateway.telegram-rights': {
    finds:
      "whether the account is in the groups of `workspace_config.json` and may write there, whether privacy mode hides messages of a dev group, and whether Telegram's own access list of the bot keeps out people of `dm_whitelist`; 20 groups at the most, and once a minute",
    limitMs: 10_000,
    ofBot: true,
  },
  'model.<provider>': {
    finds:
      'whether the server of the model answers, takes the key, and lists the model, which costs nothing; a further model of the same provider is `model.<provider>/<model>`. A failure where it is the only model, else a warning',
    limitMs: 5_000,
  },
  'model.rests': { finds: "only while a model rests after failures, or can't call tools", limitMs: 5_000 },
  'service.perplexity': { finds: 'whether it answers and takes the key: it is asked for nothing, which costs nothing', limitMs: 5_000 },
  'service.notion.<workspace>': {
    finds: 'whether the database of the workspace can be read; `service.notion` names all of them, and is the line where none is used',
    limitMs: 10_000,
  },
  'service.webhook': {
    finds:
      'how many events wait for the receiver of webhooks, and for how long; `warn` by the rule `queue.webhooks`, and while one was given up within a day',
    limitMs: 5_000,
  },
  'coding.agent': { finds: 'whether the package or program of the coding agent is installed', limitMs: 5_000 },
  'mcp.<server>': {
    finds: 'how the server stands in the running process; where none runs, `--deep` starts it and lists its tools, within 30 s',
    limitMs: 5_000,
  },
  'budget.<owner>': {
    finds:
      'how much of the budgets for the day and the month is used or reserved, of the `installation`, a workspace or a person; `warn` from `warn_at` on',
    limitMs: 5_000,
  },
  'config.reload': {
    finds: 'only while a process on this data goes on by an older configuration, as what was changed is not used: why, and where',
    limitMs: 5_000,
  },
  'config.workspaces': {
    finds: 'only while the configuration names a group by the id that it had before it became a supergroup',
    limitMs: 5_000,
  },
  'agent.<name>': {
    finds:
      'deep: what the agent answers to a test question through its own model, and how long that takes. No other model answers for one that fails. What it costs stands in the ledger',
    limitMs: 30_000,
  },
};
