import { ALERT_RULE_IDS, ALERT_RULES, type AlertRuleId, durationWords, thresholdWords } from '../src/domain/index.ts';
import { cell, tableRow, writeWhenRun } from './reference.ts';

const wellWords = (id: AlertRuleId): string => {
  const { bad, wellAt, settings } = ALERT_RULES[id];
  const well = wellAt(settings.threshold);
  const words = thresholdWords(id, well).replace(/^(?:above|below) /, '');
  return bad === 'above' ? (well === 0 ? words : `${words} or less`) : `${words} or more`;
};

const row = (id: AlertRuleId): string => {
  const { measures, subject, settings } = ALERT_RULES[id];
  const { threshold, windowMs, forMs, cooldownMs, severity } = settings;
  const about = subject === undefined ? '' : `, an alert for each ${subject}`;
  return tableRow([
    `\`${id}\``,
    cell(`${measures}${about}`),
    thresholdWords(id, threshold),
    wellWords(id),
    windowMs === undefined ? '' : durationWords(windowMs),
    durationWords(forMs),
    durationWords(cooldownMs),
    severity,
  ]);
};

/** The reference of alerts, out of the rules. */
export const alertsReference = (): string => `# Alerts

<!-- Written by \`node scripts/alerts-reference.ts\` from src/domain/alert/rules.ts; a test compares both. -->

The bot that leads looks at these rules every 15 seconds. [How to be alerted](../how-to/be-alerted.md) tells how people
hear of them, and how thresholds are changed.

| rule | measures | alert | over at | window | for | cool-down | severity |
| --- | --- | --- | --- | --- | --- | --- | --- |
${ALERT_RULE_IDS.map(row).join('\n')}

- **alert**: a value on that side is bad. **over at**: a value from there on is well again. In between, an alert that
  fires goes on, and no other one begins.
- **window**: what is looked back at. A rule without one looks at the present.
- **for**: how long it must be bad without a break before the alert fires, and well before it is over.
- **cool-down**: the shortest time from one firing of an alert to the next. What is bad meanwhile is \`pending\`.
- What can't be read is neither bad nor well: it begins no alert, and ends none. Rules whose measure does not exist in an
  installation say so as \`unknown\` in \`kept alerts list\`.
- Where nobody asks any more, \`service.errors\` and \`service.response\` end after two windows without a run or an answer.
- \`service.errors\` asks whether Kept could do its work. An agent that reports that its task can't be done, as a file is
  not there, has worked; one that reports that it may work in a minute has failed, as has one that came to nothing.
- \`process.restarts\` counts processes that were killed, crashed, or could not start. Somebody who stops Kept, and starts
  it again, restarts nothing over and over.
- A process that was killed counts as alive for a minute after its last sign of life, which comes every 15 seconds.
- \`service.availability\` counts the time from the last sign of life of a bot that was killed, or crashed, to when one
  answers again. After a stop, nothing is counted until a bot runs again.

## The settings

\`config/alerts.json\` holds every rule as it is built in. It stands beside \`workspace_config.json\` (beside the file that
\`KEPT_CONFIG\` names); without it, or for what it leaves out, the built-in settings hold. \`kept config check\` checks it.

\`\`\`json
{ "rules": { "service.errors": { "threshold": 0.1, "window": "10m", "for": "5m", "cooldown": "1h", "severity": "critical" } } }
\`\`\`

| key | is | from | to |
| --- | --- | --- | --- |
| \`threshold\` | a share (0.05 is 5 %), a number, or seconds, as the rule measures | 0 | 1, 1000000 or 31622400 |
| \`window\` | a span in quotes: \`"90s"\`, \`"5m"\`, \`"12h"\` | 1m | 7d |
| \`for\` | a span | 0s | 1d |
| \`cooldown\` | a span | 0s | 7d |
| \`severity\` | \`"info"\`, \`"warning"\`, \`"error"\`, \`"critical"\`, or \`"off"\`: the rule is not looked at | | |

## An alert

As a webhook gets it:
\`{"status": "firing" | "resolved", "key", "title", "detail", "severity", "startedAt", "resolvedAt"?}\`. The **key** is the
rule, and behind a colon what it is about: \`gateway.silent:telegram\`. The same alert keeps its key, so that a repeat is
no second incident. \`startedAt\` is when it began to be bad, \`resolvedAt\` when it began to be well.
`;

writeWhenRun(import.meta.url, 'docs/reference/alerts.md', alertsReference);
