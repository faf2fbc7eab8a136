/** `node scripts/env-template.ts` writes deploy/kept.env.example from the reference of the configuration. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhenRun } from './reference.ts';

const root = join(import.meta.dirname, '..');
const MAX_COLUMNS = 118;

const HEAD = `# Variables for Kept in production: copy this file to kept.env, and uncomment what you need.
# It is an env_file of deploy/docker-compose.yml, and the EnvironmentFile of deploy/systemd: no quotes, and no comment
# behind a value. A secret is better in a file of its own, which NAME_FILE names: docs/how-to/deploy.md. What is told
# here in a line, docs/reference/configuration.md tells in full; of it, this file is written (scripts/env-template.ts).
`;

/** The template: each variable once, below the heading of its table, with a line of what it means and its default. */
export const envTemplate = (reference: string): string => {
  const [variables = ''] = reference.split('\n## What a running process takes over');
  const groups = variables.split(/^### /m).slice(1);
  const written = groups.flatMap((group) => {
    const title = group.slice(0, group.indexOf('\n'));
    const rows = [...group.matchAll(/^\| `(\w+)` \|(.+)\|$/gm)].map(([, name = '', rest = '']) => entryOf(name, rest));
    return rows.length === 0 ? [] : [`\n# --- ${title}\n${rows.join('')}`];
  });
  return HEAD + written.join('');
};

const entryOf = (name: string, rest: string): string => {
  const [type = '', given = '', ...meaning] = rest.split(/(?<!\\)\|/).map((cell) => cell.trim());
  const isSecret = /^secret(,|$)/.test(type);
  const standard = isSecret ? '' : (/^`([^`]+)`$/.exec(given)?.[1] ?? '');
  const words = `${isSecret ? 'Secret. ' : ''}${firstSentence(meaning.join('|'))}`;
  return `# ${shortened(words)}\n#${name}=${standard}\n`;
};

/** The first one that is no example, without the marks of Markdown. */
const firstSentence = (cell: string): string => {
  const sentences = cell.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1').split(/(?<=[.:]) (?=[A-Z])/);
  const told = sentences.find((sentence) => !sentence.startsWith('`')) ?? sentences[0] ?? '';
  return told.replaceAll('`', '').replaceAll('\\|', '|').replace(/:$/, '.');
};

const shortened = (words: string): string =>
  words.length <= MAX_COLUMNS ? words : `${words.slice(0, words.lastIndexOf(' ', MAX_COLUMNS - 2)).replace(/[,;:(]+$/, '')} …`;

export const writtenTemplate = (): string => envTemplate(readFileSync(join(root, 'docs/reference/configuration.md'), 'utf8'));

writeWhenRun(import.meta.url, join(root, 'deploy/kept.env.example'), writtenTemplate);
