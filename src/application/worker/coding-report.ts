import { beginningOf, excerpt, lineExcerpt } from '../../domain/shared/excerpt.ts';
import type { CodingDenial, CodingLimits, CodingResult } from '../../ports/coding-agent.ts';
import { PortError } from '../../ports/port-error.ts';

const MAX_TEXT_LENGTH = 20_000;
const MAX_LINES = 40;
const MAX_DENIALS = 5;

/** The result of a coding run, for people: what the agent says, which files changed, what it cost, what was denied. */
export const reportOf = (result: CodingResult, changed: string | undefined): string =>
  [excerpt(result.text.trim(), MAX_TEXT_LENGTH) || 'The work is done.', ...facts(result, changed)].join('\n\n');

/** Why the work was not done, with what stays of it. */
export const unfinished = (result: CodingResult, changed: string | undefined, limits: CodingLimits): PortError => {
  const rest = facts(result, changed).join('\n\n');
  switch (result.stop) {
    case 'limit':
      return failure('could-not', `${limitWords(limits)}. What it has changed stays, and a new task goes on from there.\n\n${rest}`, false);
    case 'refused':
      return failure(
        'could-not',
        `The coding agent declined the task: ${lineExcerpt(result.text, 500) || 'it gave no reason'}.\n\n${rest}`,
        false,
      );
    default:
      return failure('unavailable', 'The coding agent ended before it was done.', true);
  }
};

const failure = (code: 'could-not' | 'unavailable', words: string, retryable: boolean): PortError =>
  new PortError(code, words.trim(), { retryable });

const limitWords = ({ maxTurns, maxCostUsd }: CodingLimits): string =>
  `The coding agent reached its limit (${maxTurns} turns${maxCostUsd === undefined ? '' : ` or ${dollars(maxCostUsd)}`}) before it was done`;

const facts = ({ denials, costUsd }: CodingResult, changed: string | undefined): readonly string[] => [
  ...(changed === undefined ? [] : [changed.trim() === '' ? 'No file was changed.' : `Files changed:\n\`\`\`\n${lines(changed)}\n\`\`\``]),
  ...(costUsd === undefined ? [] : [`Cost: ${dollars(costUsd)}.`]),
  ...(denials.length === 0 ? [] : [denied(denials)]),
];

/** The beginning of the list, and its last line, which sums it up. */
const lines = (stat: string): string => {
  const all = stat.trimEnd().split('\n');
  const sum = all.at(-1) ?? '';
  const shown = all.length <= MAX_LINES ? all : [...all.slice(0, MAX_LINES), ` … ${all.length - MAX_LINES - 1} more files`, sum];
  return beginningOf(shown.map((line) => line.replaceAll('```', "'''")).join('\n'), MAX_TEXT_LENGTH);
};

const denied = (denials: readonly CodingDenial[]): string => {
  const shown = denials.slice(0, MAX_DENIALS).map(({ title, reason }) => `- ${lineExcerpt(title, 200)}: ${lineExcerpt(reason, 200)}`);
  const more = denials.length - shown.length;
  return ['Not allowed:', ...shown, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n');
};

const dollars = (amount: number): string => `$${amount.toFixed(amount < 0.1 ? 4 : 2)}`;
