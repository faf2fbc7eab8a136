import { z } from 'zod';
import { agentVariables } from './sections/agents.ts';
import { alertVariables } from './sections/alerts.ts';
import { backupVariables } from './sections/backups.ts';
import { codingVariables } from './sections/coding.ts';
import { httpVariables } from './sections/http.ts';
import { legacyVariables } from './sections/legacy.ts';
import { mcpVariables } from './sections/mcp.ts';
import { modelVariables } from './sections/models.ts';
import { notionVariables } from './sections/notion.ts';
import { processVariables } from './sections/process.ts';
import { promiseVariables } from './sections/promises.ts';
import { searchVariables } from './sections/search.ts';
import { telegramVariables } from './sections/telegram.ts';
import { tracesVariables } from './sections/traces.ts';
import { webhookVariables } from './sections/webhooks.ts';
import { isSecretKind } from './variable-kinds.ts';

/** Every variable that is read, each absent when it is unset or empty. */
export const environmentSchema = z.object({
  ...modelVariables,
  ...telegramVariables,
  ...httpVariables,
  ...processVariables,
  ...agentVariables,
  ...promiseVariables,
  ...mcpVariables,
  ...codingVariables,
  ...searchVariables,
  ...notionVariables,
  ...tracesVariables,
  ...alertVariables,
  ...webhookVariables,
  ...backupVariables,
  ...legacyVariables,
});

export type Environment = z.output<typeof environmentSchema>;
export type VariableName = keyof Environment;

export const VARIABLE_NAMES = Object.keys(environmentSchema.shape) as readonly VariableName[];

/** Variables whose values are never shown: no problem and no log line holds them. Their kind says so. */
export const SECRET_VARIABLES = VARIABLE_NAMES.filter((name) => isSecretKind(environmentSchema.shape[name]));

/** Variables that name a file with a secret in it, in place of the secret. */
export const FILE_VARIABLES: readonly string[] = SECRET_VARIABLES.filter((name) => !Object.hasOwn(legacyVariables, name)).map(
  (name) => `${name}_FILE`,
);

/** What is not known may be one, too. */
export const isSecretVariable = (name: string): boolean =>
  isVariable(name) ? SECRET_VARIABLES.includes(name) : !FILE_VARIABLES.includes(name);

const isVariable = (name: string): name is VariableName => Object.hasOwn(environmentSchema.shape, name);
