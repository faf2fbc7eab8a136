import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Verdict {
  readonly question: number;
  readonly title: string;
  /** `open`: another run will add to the answer. */
  readonly status: 'answered' | 'open' | 'skipped' | 'failed';
  /** The answer, or why there is none. */
  readonly answer: string;
  readonly evidence?: unknown;
  readonly at: string;
  readonly tookMs: number;
}

export interface Report {
  readonly server: string;
  readonly client: string;
  readonly verdicts: readonly Verdict[];
}

/** The answers so far, in two files of one directory. Each verdict is written as soon as it is known. */
export interface ReportFiles {
  readonly verdicts: () => readonly Verdict[];
  record(verdict: Verdict): void;
}

const MARK: Readonly<Record<Verdict['status'], string>> = {
  answered: 'answer',
  open: 'answer so far',
  skipped: 'skipped',
  failed: 'failed',
};

const asMarkdown = ({ server, client, verdicts }: Report): string =>
  [
    '# What Telegram answers',
    '',
    `Server ${server}, client ${client}. Shapes hold constructors, flags and places in streams; texts, keys and ids are left out.`,
    ...verdicts.flatMap(({ question, title, status, answer, evidence, at, tookMs }) => [
      ...['', `## ${question}. ${title}`, '', `**${MARK[status]}:** ${answer}`, '', `${at}, ${(tookMs / 1000).toFixed(1)} s`],
      ...(evidence === undefined ? [] : ['', '```json', JSON.stringify(evidence, undefined, 2), '```']),
    ]),
    '',
  ].join('\n');

/** Writes a file as a whole or not at all, even if the process ends meanwhile. */
const writeWhole = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
};

/** `hide` removes secrets, in case any have come along. */
export const openReport = (directory: string, about: Pick<Report, 'server' | 'client'>, hide: (text: string) => string): ReportFiles => {
  mkdirSync(directory, { recursive: true });
  const json = join(directory, 'answers.json');
  let verdicts: readonly Verdict[] = existsSync(json) ? (JSON.parse(readFileSync(json, 'utf8')) as Report).verdicts : [];
  return {
    verdicts: () => verdicts,
    record: (verdict) => {
      verdicts = [...verdicts.filter(({ question }) => question !== verdict.question), verdict].sort((a, b) => a.question - b.question);
      const report: Report = { ...about, verdicts };
      writeWhole(json, hide(`${JSON.stringify(report, undefined, 2)}\n`));
      writeWhole(join(directory, 'answers.md'), hide(asMarkdown(report)));
    },
  };
};
