import { aboutCheck, DOCTOR_CHECK_IDS } from '../src/main/doctor/check-list.ts';
import { PROBES } from '../src/main/probes/probe-list.ts';
import { cell, tableRow, writeWhenRun } from './reference.ts';

const ownRow = (id: (typeof DOCTOR_CHECK_IDS)[number]): string => {
  const { looksAt, mends = '' } = aboutCheck(id);
  return tableRow([`\`${id}\``, cell(looksAt), cell(mends)]);
};

/** The reference of checks, out of the code. */
export const checksReference = (): string => `# Checks

<!-- Written by \`node scripts/checks-reference.ts\` from src/main/doctor/check-list.ts and
src/main/probes/probe-list.ts; a test compares them. -->

\`kept doctor\` asks all of these, \`kept health\` those of the second table. Ids stay the same from version to version.
\`--only\` and \`--skip\` take ids, or what they begin with: \`storage\`, \`model.openai\`. Each check is \`ok\`, \`warn\`, \`fail\`
or \`skipped\` (its message says why), and is told as late after its limit, which is five seconds for those of the doctor.
[How to check the health of everything](../how-to/check-health.md) shows how they are asked.

## What the doctor alone looks at

| id | looks at | \`--fix\` |
| --- | --- | --- |
${DOCTOR_CHECK_IDS.map(ownRow).join('\n')}

While \`storage.directory\`, \`storage.migrations\` or \`storage.settings\` is not well, the database is not opened, and what
depends on it is skipped: one thing is broken, and one line says so.

Before anything else, a child process asks the disk of the data directory, and that of \`backups\`, for 5 s. What is on a
disk that does not answer is left alone, and one line tells of it.

## What the doctor and \`kept health\` look at

| id | what it finds | limit |
| --- | --- | --- |
${Object.entries(PROBES)
  .map(([id, { finds, limitMs, ofBot }]) => tableRow([`\`${id}\`${ofBot ? ' *' : ''}`, cell(finds), `${limitMs / 1_000} s`]))
  .join('\n')}

*: only the running bot can tell it. Where none runs, \`kept health\` and \`kept doctor\` say that, as \`skipped\`.

## What was asked for by name

\`--only\` asks for an answer. Where everything of a name was skipped (nobody could look, or it is not configured), its
lines are \`warn\`, so that the exit code is not that of all well. A name of which this installation has nothing is a usage
error.

## Whether keys are valid

\`config.keys\` looks at their shape. Who else can tell:

- keys of models, Perplexity and Notion: \`model.<provider>\`, \`service.*\`, which show them to those who gave them;
- Telegram's token or sign-in: \`gateway.telegram\` of a running bot. Beside it, and where none runs, nobody signs in, as
  two connections on one account would end it: Telegram is only reached, and the line says so;
- \`ALERT_*\`, \`SMTP_URL\`, \`ALERTMANAGER_URL\`: \`kept alerts test\`, which sends something;
- what MCP servers sign in with: \`mcp.<server>\` of a running bot, else with \`--deep\`;
- the sign-in of the coding agent: a run of it. \`coding.agent\` looks whether it is installed.
`;

writeWhenRun(import.meta.url, 'docs/reference/checks.md', checksReference);
