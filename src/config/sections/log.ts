import { type ConfigProblem, warning } from '../problems.ts';
import type { Values } from '../section.ts';
import { byteSize, oneOf, onOff, wholeNumber } from '../variable-kinds.ts';

const LEVELS = { debug: 'debug', info: 'info', warning: 'warn', warn: 'warn', error: 'error', critical: 'error' } as const;
const maxSize = () => byteSize(1024 ** 3);
const maxFiles = () => wholeNumber(1, 1_000);

export const logVariables = {
  LOG_LEVEL: oneOf(LEVELS, ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']),
  KEPT_LOG_MAX_SIZE: maxSize(),
  KEPT_LOG_MAX_FILES: maxFiles(),
  /** Older names of the two. */
  LOG_MAX_SIZE: maxSize(),
  LOG_MAX_FILES: maxFiles(),
  KEPT_LOG_AGENT_INPUTS: onOff(),
  KEPT_LOG_AGENT_OUTPUTS: onOff(),
  KEPT_LOG_TOOL_CALLS: onOff(),
  KEPT_LOG_API_REQUESTS: onOff(),
  KEPT_PRESERVE_TEMP_FILES: onOff(),
};

/** What the log holds of what was said, at level `debug` alone. */
export interface LoggedContent {
  readonly agentInputs: boolean;
  readonly agentOutputs: boolean;
  readonly toolCalls: boolean;
  readonly apiRequests: boolean;
}

export interface LogSettings {
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** A log file of `maxFileBytes` is put aside. There are at most `maxFiles`, the current one among them. */
  readonly log: { readonly maxFileBytes: number; readonly maxFiles: number };
  readonly loggedContent: LoggedContent;
  /** Nothing that was only needed for a time is removed. */
  readonly preservesTempFiles: boolean;
}

const CONTENT = {
  KEPT_LOG_AGENT_INPUTS: 'agentInputs',
  KEPT_LOG_AGENT_OUTPUTS: 'agentOutputs',
  KEPT_LOG_TOOL_CALLS: 'toolCalls',
  KEPT_LOG_API_REQUESTS: 'apiRequests',
} as const satisfies Readonly<Partial<Record<keyof typeof logVariables, keyof LoggedContent>>>;
const CONTENT_NAMES = Object.keys(CONTENT) as readonly (keyof typeof CONTENT)[];

/** The variables by which that is logged. */
export const loggedContentNames = (logged: LoggedContent): readonly string[] => CONTENT_NAMES.filter((name) => logged[CONTENT[name]]);

export const readLog = (
  env: Values<typeof logVariables>,
): { readonly settings: LogSettings; readonly problems: readonly ConfigProblem[] } => {
  const logLevel = env.LOG_LEVEL ?? 'info';
  const isOn = (name: keyof typeof CONTENT): boolean => logLevel === 'debug' && env[name] === true;
  return {
    settings: {
      logLevel,
      log: {
        maxFileBytes: env.KEPT_LOG_MAX_SIZE ?? env.LOG_MAX_SIZE ?? 10 * 1024 ** 2,
        maxFiles: env.KEPT_LOG_MAX_FILES ?? env.LOG_MAX_FILES ?? 5,
      },
      loggedContent: {
        agentInputs: isOn('KEPT_LOG_AGENT_INPUTS'),
        agentOutputs: isOn('KEPT_LOG_AGENT_OUTPUTS'),
        toolCalls: isOn('KEPT_LOG_TOOL_CALLS'),
        apiRequests: isOn('KEPT_LOG_API_REQUESTS'),
      },
      preservesTempFiles: env.KEPT_PRESERVE_TEMP_FILES ?? false,
    },
    problems: [
      ...CONTENT_NAMES.filter((name) => env[name] && !isOn(name)).map((name) =>
        warning(name, 'has no effect: contents are logged at LOG_LEVEL=DEBUG alone', 'set LOG_LEVEL=DEBUG, or leave it unset'),
      ),
      ...outvoted(env, 'LOG_MAX_SIZE', 'KEPT_LOG_MAX_SIZE'),
      ...outvoted(env, 'LOG_MAX_FILES', 'KEPT_LOG_MAX_FILES'),
    ],
  };
};

const outvoted = (
  env: Values<typeof logVariables>,
  older: 'LOG_MAX_SIZE' | 'LOG_MAX_FILES',
  name: 'KEPT_LOG_MAX_SIZE' | 'KEPT_LOG_MAX_FILES',
): readonly ConfigProblem[] =>
  env[older] === undefined || env[name] === undefined || env[older] === env[name]
    ? []
    : [warning(older, `has no effect: ${name} is set`, `leave ${older} unset, which is its older name`)];
