import type { Command } from 'commander';
import { formatTable, stripControl } from '../../adapters/terminal/index.ts';
import { webhooksView } from '../../adapters/views/index.ts';
import { clockTime, commandHint, plural, present, WEBHOOK_STATUSES, type WebhookEvent, type WebhookStatus } from '../../domain/index.ts';
import type { WebhooksReport } from '../../ports/index.ts';
import { EXIT, print, UsageError } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import { argument, choiceOption, limitOf } from './arguments.ts';
import { printJson, tableStyle, valueIn } from './outcome.ts';
import { tellOutcome } from './tell-outcomes.ts';
import { withContext, withContextToRead } from './with-context.ts';

interface Json {
  readonly json?: boolean;
}

export const addWebhooks = (program: Command): void => {
  const webhooks = program
    .command('webhooks')
    .description('what is posted to your receiver: list events, test it, post again what was given up');

  webhooks
    .command('list', { isDefault: true })
    .description('list the newest events, how many wait and were given up, and why the last try failed')
    .addOption(choiceOption('--status <status...>', 'only these', WEBHOOK_STATUSES))
    .option('--limit <n>', 'maximum number', argument(limitOf), 50)
    .option('--json', 'as JSON')
    .action(({ json, status, limit }: Json & { readonly status?: WebhookStatus[]; readonly limit: number }) =>
      withContextToRead(async ({ get }) => {
        const report = await (await get(TOKENS.webhooks)).list({ limit, ...present({ statuses: status }) });
        if (json) return printJson(webhooksView(report));
        const { timeZone } = await get(TOKENS.config);
        for (const line of inWords(report, timeZone)) print(stripControl(line).replaceAll('\n', ' '));
        if (report.events.length > 0) print(table(report.events, timeZone));
      }),
    );

  webhooks
    .command('test')
    .description('post a test to the receiver, from here; exit code 1 if it does not take it')
    .option('--json', 'as JSON')
    .action(({ json }: Json) =>
      withContextToRead(async ({ get }) => {
        const { eventId, reason } = valueIn(await (await get(TOKENS.webhooks)).test());
        if (reason !== undefined) process.exitCode = EXIT.bad;
        if (json) return printJson({ id: eventId, ok: reason === undefined, ...present({ reason }) });
        print(stripControl(reason === undefined ? `The receiver has taken ${eventId}.` : `Not taken: ${reason}`));
      }),
    );

  webhooks
    .command('retry')
    .description('post an event that was given up again, or all of them; they have three days anew')
    .argument('[id]', 'such as evt_2f6a…')
    .option('--all', 'all that were given up')
    .option('--json', 'as JSON')
    .action((id: string | undefined, { json, all = false }: Json & { readonly all?: boolean }) =>
      withContext(async ({ get }) => {
        if ((id === undefined) !== all) throw new UsageError('give the id of an event, or --all', 'command/one-of');
        tellOutcome(await (await get(TOKENS.webhooks)).retry(id), {
          json,
          view: (retried) => ({ retried }),
          words: (retried) => (retried === 0 ? 'No event was given up.' : `${plural(retried, 'event')} will be posted again by the bot.`),
        });
      }),
    );
};

const inWords = ({ receiver, stats, pause }: WebhooksReport, timeZone: string): readonly string[] => {
  const { counts, oldestSince, lastFailure } = stats;
  const at = (time: number): string => clockTime(time, timeZone);
  const failure = lastFailure?.status === 'delivered' ? undefined : lastFailure?.lastError;
  return [
    receiver
      ? `Events are posted to ${receiver.place}${receiver.isSigned ? ', signed' : ', without a signature: set KEPT_WEBHOOK_SECRET'}.`
      : 'Nobody is told: KEPT_WEBHOOK_URL is not set; see docs/how-to/webhooks.md.',
    `${plural(counts.pending, 'event')} waiting${oldestSince === undefined ? '' : `, the oldest since ${at(oldestSince)}`}; ${counts.delivered} delivered and ${counts.failed} given up within a week.`,
    ...(pause ? [`The receiver has failed ${plural(pause.failures, 'time')} in a row, and is left alone until ${at(pause.until)}.`] : []),
    ...(failure === undefined ? [] : [`Last failure: ${failure}`]),
    ...(counts.failed === 0 ? [] : [`To post them again: ${commandHint('webhooks retry --all')}`]),
  ];
};

const table = (events: readonly WebhookEvent[], timeZone: string): string =>
  formatTable(
    events.map((event) => ({
      id: event.eventId,
      type: event.fact.type,
      subject: event.subject,
      at: clockTime(event.at, timeZone),
      status: event.status,
      attempts: String(event.attempts),
      reason: event.status === 'delivered' ? '' : (event.lastError ?? ''),
    })),
    [
      { key: 'id', title: 'ID' },
      { key: 'type', title: 'TYPE' },
      { key: 'subject', title: 'ABOUT' },
      { key: 'at', title: 'HAPPENED' },
      { key: 'status', title: 'STATUS' },
      { key: 'attempts', title: 'FAILED' },
      { key: 'reason', title: 'WHY', flexible: true, overflow: 'wrap' },
    ],
    tableStyle(),
  );
