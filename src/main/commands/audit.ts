import { once } from 'node:events';
import type { Command } from 'commander';
import { formatTable } from '../../adapters/terminal/index.ts';
import { auditRowView, auditVerdictView } from '../../adapters/views/index.ts';
import {
  AUDIT_KINDS,
  type AuditFilter,
  type AuditHead,
  type AuditKind,
  type AuditRow,
  type ChatId,
  clockTime,
  commandHint,
  faultInWords,
  InvalidValueError,
} from '../../domain/index.ts';
import { plural } from '../../domain/shared/plural.ts';
import { present } from '../../domain/shared/present.ts';
import type { AuditVerdict, ReadAuditLog } from '../../ports/index.ts';
import { EXIT, print, printError } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import { anyChatOption, argument, choiceOption, limitOf, sinceOf, sinceTime } from './arguments.ts';
import { printJson, tableStyle } from './outcome.ts';
import { withContextToRead } from './with-context.ts';

interface AuditOptions {
  readonly verify?: boolean;
  readonly head?: AuditHead;
  readonly since?: string;
  readonly kind?: AuditKind[];
  readonly chat?: ChatId;
  readonly limit?: number;
  readonly json?: boolean;
}

const SHOWN = 50;
const PAGE = 1_000;
/** A fact is sealed within seconds where a worker runs. */
const OVERDUE_MS = 60_000;

export const addAudit = (program: Command): void => {
  program
    .command('audit')
    .description('show who did what: asked, approved, ran, spent, was denied, changed the configuration; newest last')
    .option('--verify', 'check that no row was changed, removed or put in; exit code 1 if one was, or if a guard of the table is gone')
    .option('--head <seq:hash>', 'with --verify: the log must hold this head, which an earlier --verify printed', argument(headOf))
    .option(
      '--since <time>',
      'only what happened since: 2026-11-23, 2026-11-23T09:00, the last 09:00, or a span back from now such as 24h',
      argument(sinceOf),
    )
    .addOption(choiceOption('--kind <kind...>', 'only these', AUDIT_KINDS))
    .addOption(anyChatOption('only this chat'))
    .option('--limit <n>', `at most so many of the newest (default: ${SHOWN}; with --json: all)`, argument(limitOf))
    .option('--json', 'a line of JSON for each row, oldest first; with --verify, the result as JSON')
    .action((options: AuditOptions, command: Command) => {
      if (options.head && !options.verify) command.error('error: --head is for --verify');
      const narrowed = (['since', 'kind', 'chat', 'limit'] as const).filter((name) => options[name] !== undefined);
      if (options.verify && narrowed.length > 0)
        command.error(`error: --verify checks the whole log: leave out ${narrowed.map((name) => `--${name}`).join(', ')}`);
      return withContextToRead(async (root) => {
        const { readAudit, verifyAudit } = await root.get(TOKENS.queries);
        const { timeZone } = await root.get(TOKENS.config);
        if (options.verify) {
          const verdict = await verifyAudit(options.head);
          if (verdict.fault || verdict.missingGuards) process.exitCode = EXIT.bad;
          return options.json ? printJson(auditVerdictView(verdict)) : tellVerdict(verdict, timeZone);
        }
        const { since, kind, chat, limit, json } = options;
        const filter = present({ since: since === undefined ? undefined : sinceTime(since, timeZone), kinds: kind, chatId: chat });
        if (json && limit === undefined) return printAll(readAudit, filter);
        const rows = (await readAudit({ ...filter, newestFirst: true, limit: limit ?? SHOWN })).toReversed();
        if (json) for (const row of rows) await printRow(row);
        else print(rows.length === 0 ? 'The audit log has no such rows.' : table(rows, timeZone));
      });
    });
};

/** `120:ab12…`, as `--verify` prints it. */
const headOf = (text: string): AuditHead => {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text.trim()) ?? [];
  if (seq === undefined || hash === undefined)
    throw new InvalidValueError('a head is a number and a hash, as --verify prints them: 120:ab12…');
  return { seq: Number(seq), hash: hash.toLowerCase() };
};

/** A page at a time, however long the log is. */
const printAll = async (readAudit: ReadAuditLog, filter: Omit<AuditFilter, 'limit'>): Promise<void> => {
  let after = 0;
  for (;;) {
    const rows = await readAudit({ ...filter, after, limit: PAGE });
    for (const row of rows) await printRow(row);
    const last = rows.at(-1);
    if (!last) return;
    after = last.seq;
  }
};

/** Waits for a slow reader, so that nothing piles up here. */
const printRow = async (row: AuditRow): Promise<void> => {
  if (!process.stdout.write(`${JSON.stringify(auditRowView(row))}\n`)) await once(process.stdout, 'drain');
};

const tellVerdict = ({ head, fault, missingGuards = [], unsealed }: AuditVerdict, timeZone: string): void => {
  if (fault)
    printError(
      `The audit log is broken at row ${fault.seq}. ${faultInWords(fault)}\n` +
        'What it says from there on is no proof. Keep the database as it is, and compare it with a backup or an earlier export:\n' +
        `${commandHint('audit --json')} prints the rows that there are. See docs/how-to/audit.md.`,
    );
  else if (head)
    print(
      head.seq === 0
        ? 'The audit log is empty.'
        : `The audit log holds: ${plural(head.seq, 'row')}, none changed, removed or put in.\n` +
            `Head: ${head.seq}:${head.hash}\n` +
            `Keep the head elsewhere: ${commandHint('audit --verify --head <head>')} then proves that nothing up to it was written anew.`,
    );
  if (missingGuards.length > 0)
    printError(
      `The database does not keep rows of the audit log from being changed or removed any more: ${missingGuards.join(' and ')} ` +
        `${missingGuards.length === 1 ? 'is' : 'are'} gone from the table audit_log. See "When a guard is gone" in docs/how-to/audit.md.`,
    );
  const { count, since } = unsealed;
  if (count === 0) return;
  const waits = `${plural(count, 'fact is', 'facts are')} not sealed yet`;
  const isOverdue = since !== undefined && Date.now() - since > OVERDUE_MS;
  print(isOverdue ? `${waits}, since ${clockTime(since, timeZone)} (${timeZone}): no worker is running.` : `${waits}.`);
};

const table = (rows: readonly AuditRow[], timeZone: string): string =>
  formatTable(
    rows.map(({ seq, at, kind, actor, facts: { chatId, ...facts } }) => ({
      seq: String(seq),
      at: clockTime(at, timeZone),
      kind,
      actor,
      chat: typeof chatId === 'string' ? chatId : '',
      facts: inWords(facts),
    })),
    [
      { key: 'seq', title: 'SEQ', align: 'right' },
      { key: 'at', title: `AT (${timeZone})` },
      { key: 'kind', title: 'KIND' },
      { key: 'actor', title: 'ACTOR' },
      { key: 'chat', title: 'CHAT' },
      { key: 'facts', title: 'FACTS', flexible: true },
    ],
    tableStyle(),
  );

/** `promiseId 3, status completed` */
const inWords = (facts: AuditRow['facts']): string =>
  Object.entries(facts)
    .map(([name, value]) => `${name} ${typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value)}`)
    .join(', ');
