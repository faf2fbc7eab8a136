import { DEFAULT_CODING_LIMITS } from '../../domain/index.ts';
import { nearestName } from '../../domain/shared/nearest-name.ts';
import { type ConfigProblem, error, suggestion, warning } from '../problems.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { isSecretName } from '../secret-name.ts';
import type { Values } from '../section.ts';
import type { ConfigSources } from '../sources.ts';
import { dollars, kind, list, text, wholeNumber } from '../variable-kinds.ts';

/** Which agent changes code: Claude Code, or any command that speaks the Agent Client Protocol. */
export type CodingAgentChoice =
  | { readonly kind: 'claude-code' }
  | { readonly kind: 'acp'; readonly command: readonly [string, ...string[]] };

const HINT = 'give claude-code, or acp: and the command that starts an agent, such as acp:gemini --acp';

const readChoice = (value: string): CodingAgentChoice | Refusal => {
  if (value.toLowerCase() === 'claude-code') return { kind: 'claude-code' };
  if (!/^acp:/i.test(value)) return refuse('is no coding agent', suggestion(nearestName(value, ['claude-code']), HINT));
  const command = wordsOf(value.slice('acp:'.length));
  const [program, ...args] = command ?? [];
  return program === undefined
    ? refuse('names no command, or has a quotation mark without its end', HINT)
    : { kind: 'acp', command: [program, ...args] };
};

/** Words between blanks; quotation marks hold together what has blanks. Undefined where one does not end. */
const wordsOf = (command: string): readonly string[] | undefined => {
  const words = [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
  return /["']/.test(command.replace(/"[^"]*"|'[^']*'/g, '')) ? undefined : words;
};

export const codingVariables = {
  KEPT_CODING_AGENT: kind(readChoice, '`claude-code` or `acp:<command>`'),
  KEPT_CODING_MODEL: text(),
  KEPT_CODING_MAX_TURNS: wholeNumber(1, 1_000),
  KEPT_CODING_MAX_COST_USD: dollars(0.01, 1_000),
  KEPT_CODING_ENV: list('names', (name) =>
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
      ? undefined
      : refuse('holds a name that no variable has', 'give names of variables, such as GEMINI_API_KEY'),
  ),
};

export interface CodingSettings {
  /** Absent: no code is changed here. */
  readonly agent?: CodingAgentChoice;
  /** The model that Claude Code asks. Absent: its own choice. */
  readonly model?: string;
  readonly limits: { readonly maxTurns: number; readonly maxCostUsd: number };
  /** Variables that a command of ACP is given beside the usual ones. */
  readonly env: Readonly<Record<string, string>>;
}

/** What reaches people or Kept's data is no business of a coding agent. */
const OWN =
  /^(TELEGRAM_|DATABASE_URL$|REDIS_URL$|PG|KEPT_|NOTION_|PERPLEXITY_|OTEL_EXPORTER_OTLP_HEADERS$|ALERT_|ALERTMANAGER_URL$|SMTP_URL$)/;

/** `given` is the whole environment: what is passed on may have any name. */
export const readCoding = (
  env: Values<typeof codingVariables>,
  given: Readonly<Record<string, string | undefined>>,
  { hasCommand = () => true }: Pick<ConfigSources, 'hasCommand'>,
): { readonly coding: CodingSettings; readonly problems: readonly ConfigProblem[] } => {
  const problems: ConfigProblem[] = [];
  const passed: Record<string, string> = {};
  for (const name of env.KEPT_CODING_ENV ?? []) {
    const value = given[name];
    if (OWN.test(name))
      problems.push(error('KEPT_CODING_ENV', `names ${name}, which is Kept's own`, 'name only what the agent needs for its model'));
    else if (value === undefined)
      problems.push(warning('KEPT_CODING_ENV', `names ${name}, which is not set`, 'set it in the environment of the process'));
    else passed[name] = value;
  }
  const agent = env.KEPT_CODING_AGENT;
  if (agent?.kind === 'claude-code' && given.ANTHROPIC_API_KEY === undefined)
    problems.push(error('KEPT_CODING_AGENT', 'names claude-code, which needs ANTHROPIC_API_KEY', 'set the key, or name another agent'));
  if (agent?.kind === 'acp') problems.push(...commandProblems(agent.command[0], hasCommand));
  for (const name of ['KEPT_CODING_MODEL', 'KEPT_CODING_MAX_TURNS', 'KEPT_CODING_MAX_COST_USD', 'KEPT_CODING_ENV'] as const)
    if (agent === undefined && env[name] !== undefined)
      problems.push(warning(name, 'has no effect: no coding agent is configured', 'set KEPT_CODING_AGENT'));
  return {
    coding: {
      ...(agent === undefined ? {} : { agent }),
      ...(env.KEPT_CODING_MODEL === undefined ? {} : { model: env.KEPT_CODING_MODEL }),
      limits: {
        maxTurns: env.KEPT_CODING_MAX_TURNS ?? DEFAULT_CODING_LIMITS.maxTurns,
        maxCostUsd: env.KEPT_CODING_MAX_COST_USD ?? DEFAULT_CODING_LIMITS.maxCostUsd,
      },
      env: passed,
    },
    problems,
  };
};

const commandProblems = (program: string, hasCommand: (name: string) => boolean): readonly ConfigProblem[] => {
  // It would be looked for in the directory of each workspace, whose files are not the operator's.
  if (/^[^/]+\//.test(program))
    return [error('KEPT_CODING_AGENT', `names the command ${program} by a relative path`, 'write the path in full')];
  if (hasCommand(program)) return [];
  const hint = 'install it, or correct the name; in a service, PATH is often shorter than in a shell';
  return [error('KEPT_CODING_AGENT', `names the command ${program}, which is not found`, hint)];
};

/** Values among the variables that are passed on which are secrets by their name. */
export const secretsOfCoding = ({ env }: CodingSettings): readonly string[] =>
  Object.entries(env).flatMap(([name, value]) => (isSecretName(name) ? [value] : []));
