import { type Command, Option } from 'commander';
import { formatTable, stripControl } from '../../adapters/terminal/index.ts';
import { alertsView, silenceView } from '../../adapters/views/index.ts';
import {
  ALERT_RULES,
  type AlertSilence,
  clockTime,
  commandHint,
  durationWords,
  present,
  serviceOf,
  thresholdWords,
} from '../../domain/index.ts';
import type { AlertsReport, ListedAlert, ListedDelivery, TestedChannel } from '../../ports/index.ts';
import { EXIT, print } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import { argument, spanOf } from './arguments.ts';
import { printJson, tableStyle, valueIn } from './outcome.ts';
import { tellOutcome } from './tell-outcomes.ts';
import { withContext, withContextToRead } from './with-context.ts';

interface Json {
  readonly json?: boolean;
}

export const addAlerts = (program: Command): void => {
  const alerts = program.command('alerts').description('what is wrong, and who gets to know: list alerts, silence them, test the channels');

  alerts
    .command('list', { isDefault: true })
    .description('list what fires, what every rule has found last, and what is silenced; exit code 1 while anything fires')
    .option('--json', 'as JSON')
    .action(({ json }: Json) =>
      withContextToRead(async ({ get }) => {
        const report = await (await get(TOKENS.alerts)).list();
        const { timeZone } = await get(TOKENS.config);
        if (report.alerts.some(({ state }) => state === 'firing')) process.exitCode = EXIT.bad;
        if (json) return printJson(alertsView(report));
        for (const line of inWords(report, timeZone)) print(stripControl(line).replaceAll('\n', ' '));
        print(table(report));
      }),
    );

  alerts
    .command('silence')
    .description('hold back the alerts of a rule, or one alert by its key, for a time; others still leave')
    .argument('<rule or key>', 'such as queue.worker, or gateway.silent:telegram')
    .addOption(new Option('--for <span>', 'how long: 90m, 2h, 1d').argParser(argument(spanOf)).default(60 * 60_000, '1h'))
    .option('--reason <text>', 'why, for those who ask')
    .option('--end', 'end the silence instead')
    .option('--json', 'as JSON')
    .action((target: string, options: Json & { readonly for: number; readonly reason?: string; readonly end?: boolean }) =>
      withContext(async ({ get }) => {
        const { silence, endSilence } = await get(TOKENS.alerts);
        const { timeZone } = await get(TOKENS.config);
        const { json, end, reason } = options;
        const words = (silenced: AlertSilence): string =>
          end
            ? `Alerts of ${stripControl(silenced.target)} leave again.`
            : `Alerts of ${stripControl(silenced.target)} are silenced until ${clockTime(silenced.until, timeZone)}. To end it: ${commandHint(`alerts silence ${silenced.target} --end`)}`;
        tellOutcome(end ? await endSilence(target) : await silence(target, options.for, reason), { json, view: silenceView, words });
      }),
    );

  alerts
    .command('test')
    .description('send a test alert through every channel, and that it is over; exit code 1 if one does not take it')
    .argument('[channel]', 'only this one')
    .option('--json', 'as JSON')
    .action((channel: string | undefined, { json }: Json) =>
      withContext(async ({ get }) => {
        const tested = valueIn(await (await get(TOKENS.alerts)).test(channel));
        if (tested.some(({ reason }) => reason !== undefined)) process.exitCode = EXIT.bad;
        if (json) return printJson({ channels: tested.map(testView) });
        for (const one of tested)
          print(stripControl(`${one.channel}: ${one.reason ?? `ok${one.note === undefined ? '' : `, ${one.note}`}`}`));
      }),
    );
};

const testView = ({ channel, reason, note }: TestedChannel) => ({
  channel,
  ok: reason === undefined,
  ...present({ reason, note }),
});

const inWords = ({ lookedAt, isStale, channels, alerts, silences }: AlertsReport, timeZone: string): readonly string[] => {
  const firing = alerts.filter(({ state }) => state === 'firing');
  const at = (time: number): string => clockTime(time, timeZone);
  return [
    ...(firing.length === 0 ? ['Nothing fires.'] : firing.flatMap((alert) => alertWords(alert, at))),
    ...(isStale
      ? [
          lookedAt === undefined
            ? `Nobody has looked yet: a bot does. Start one with ${commandHint('start')}.`
            : `Nobody has looked since ${at(lookedAt)}: is a bot running? ${commandHint('status')} tells.`,
        ]
      : []),
    ...(channels.length === 0
      ? ['Alerts reach nobody: no channel is configured; see docs/how-to/be-alerted.md.']
      : new Set(channels.map(serviceOf)).size === 1
        ? [`Alerts leave by ${channels.join(' and ')} alone: another channel tells you when that one fails.`]
        : [`Alerts leave by ${channels.join(', ')}.`]),
    ...silences.map(({ target, until, reason }) => `${target} is silenced until ${at(until)}${reason === undefined ? '' : `: ${reason}`}.`),
  ];
};

const table = ({ rules }: AlertsReport): string =>
  formatTable(
    rules.map(({ id, state, settings, found }) => ({
      rule: id,
      state,
      threshold: thresholdWords(id, settings.threshold),
      for: durationWords(settings.forMs),
      window: settings.windowMs === undefined ? '' : durationWords(settings.windowMs),
      severity: settings.severity,
      found: found[0] ?? (state === 'off' ? '' : ALERT_RULES[id].measures),
    })),
    [
      { key: 'rule', title: 'RULE' },
      { key: 'state', title: 'STATE' },
      { key: 'threshold', title: 'THRESHOLD' },
      { key: 'window', title: 'WINDOW' },
      { key: 'for', title: 'FOR' },
      { key: 'severity', title: 'SEVERITY' },
      { key: 'found', title: 'FOUND LAST', flexible: true, overflow: 'wrap' },
    ],
    tableStyle(),
  );

const alertWords = ({ key, alert, silencedUntil, deliveries }: ListedAlert, at: (time: number) => string): readonly string[] =>
  alert === undefined
    ? []
    : [
        `${alert.severity.toUpperCase()} ${alert.title} (${key}), since ${at(alert.startedAt)}${silencedUntil === undefined ? '' : `, silenced until ${at(silencedUntil)}`}`,
        `  ${alert.detail}`,
        ...(deliveries.length === 0 ? [] : [`  ${deliveries.map(deliveryWords).join('; ')}`]),
      ];

const deliveryWords = ({ channel, sent, failures, lastError }: ListedDelivery): string => {
  if (failures > 0)
    return `not sent by ${channel} (${failures === 1 ? '1 try' : `${failures} tries`}): ${lastError ?? 'no reason is known'}`;
  return sent === undefined ? `on its way by ${channel}` : `sent by ${channel}`;
};
