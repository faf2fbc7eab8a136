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

## What the doctor and \`kept health\` look at

| id | what it finds | limit |
| --- | --- | --- |
${Object.entries(PROBES)
  .map(([id, { finds, limitMs, ofBot }]) => tableRow([`\`${id}\`${ofBot ? ' *' : ''}`, cell(finds), `${limitMs / 1_000} s`]))
  .join('\n')}

*: only the running bot can tell it. Where none runs, \`kept health\` and \`kept doctor\` say that, as \`skipped\`.
`;

writeWhenRun(import.meta.url, 'docs/reference/checks.md', checksReference);
