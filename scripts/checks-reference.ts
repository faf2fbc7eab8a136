import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { aboutCheck, DOCTOR_CHECK_IDS, PROBES } from '../src/main/doctor/check-list.ts';

const PATH = 'docs/reference/checks.md';

const ownRow = (id: (typeof DOCTOR_CHECK_IDS)[number]): string => {
  const { looksAt, mends = '' } = aboutCheck(id);
  return `| \`${id}\` | ${looksAt} | ${mends} |`;
};

/** The reference of checks, out of the code. */
export const checksReference = (): string => `# Checks

<!-- Written by \`node scripts/checks-reference.ts\` from src/main/doctor/check-list.ts; a test compares both. -->

\`kept doctor\` asks all of these, \`kept health\` those of the second table. Ids stay the same from version to version.
\`--only\` and \`--skip\` take ids, or what they begin with: \`storage\`, \`model.openai\`. Each check is \`ok\`, \`warn\`, \`fail\`
or \`skipped\` (its message says why), and takes five seconds at the most, or what
[the how-to of health](../how-to/check-health.md) says.

## What the doctor alone looks at

| id | looks at | \`--fix\` |
| --- | --- | --- |
${DOCTOR_CHECK_IDS.map(ownRow).join('\n')}

While \`storage.directory\`, \`storage.migrations\` or \`storage.settings\` is not well, the database is not opened, and what
depends on it is skipped: one thing is broken, and one line says so.

## What the doctor and \`kept health\` look at

| id | looks at |
| --- | --- |
${Object.entries(PROBES)
  .map(([id, looksAt]) => `| \`${id}\` | ${looksAt} |`)
  .join('\n')}
`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(PATH, checksReference());
