import { resolve } from 'node:path';
import { nearestName } from '../domain/shared/nearest-name.ts';
import { present } from '../domain/shared/present.ts';
import { err, ok, type Result } from '../domain/shared/result.ts';
import type { AccessPolicy } from '../domain/workspace/policy.ts';
import { readAlertsBeside } from './alerts.ts';
import { askedNames, budgetProblems, budgetsOf } from './budget-problems.ts';
import type { Config } from './config.ts';
import { isConfigured } from './configured-services.ts';
import { type Environment, environmentSchema, SECRET_VARIABLES } from './environment.ts';
import { personProblems } from './person-problems.ts';
import { placeholderProblems } from './placeholders.ts';
import { readPricesBeside, unaskedPrices } from './prices.ts';
import { type ConfigProblem, error, suggestion, warning, withoutSecrets } from './problems.ts';
import { secretsOfProxy } from './proxy.ts';
import { readText } from './read-text.ts';
import { readWorkspaceFile } from './read-workspace-file.ts';
import { readSecretFiles, withSecretFiles } from './secret-files.ts';
import { readAgents } from './sections/agents.ts';
import { readAlertChannels, secretsOfAlerts } from './sections/alerts.ts';
import { readBackups } from './sections/backups.ts';
import { readCoding, secretsOfCoding } from './sections/coding.ts';
import { readHttp } from './sections/http.ts';
import { legacyProblems } from './sections/legacy.ts';
import { mcpRuleProblems, readMcp } from './sections/mcp.ts';
import { readModels } from './sections/models.ts';
import { readNotion } from './sections/notion.ts';
import { DEFAULT_WORKSPACE_CONFIG, readProcess } from './sections/process.ts';
import { readPromises } from './sections/promises.ts';
import { readSearch } from './sections/search.ts';
import { readTelegram } from './sections/telegram.ts';
import { readTraces, secretsOfTraces } from './sections/traces.ts';
import { readWebhook, secretsOfWebhook } from './sections/webhooks.ts';
import type { ConfigSources } from './sources.ts';
import { unknownInProcess } from './unknown-variables.ts';
import { decodedPart } from './variable-kinds.ts';
import { workspaceAgentProblems } from './workspace-agents.ts';
import { workspacePolicy } from './workspace-policy.ts';

/**
 * Loads the whole configuration, or returns every problem at once. It succeeds without a problem of severity `error`;
 * warnings then come with the value. No problem quotes a secret.
 */
export const loadConfig = (sources: ConfigSources): Result<Config, ConfigProblem[]> => {
  const { config, problems } = readConfig(sources);
  return problems.some(({ severity }) => severity === 'error') ? err([...problems]) : ok(config);
};

/**
 * Everything that can be read, for commands that must work with a broken configuration, and every problem. Settings
 * with an error have their default. Without a readable workspace file, nobody has access.
 */
export const readConfig = (sources: ConfigSources): { readonly config: Config; readonly problems: readonly ConfigProblem[] } => {
  const written = Object.fromEntries(Object.entries(sources.env).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const { given, files: secretFiles, problems: fileProblems } = readSecretFiles(written, sources);
  const { env, problems } = readEnvironment(given);
  problems.push(...legacyProblems(env), ...unknownInProcess(Object.keys(given)), ...placeholderProblems(env), ...repeatedNames(env));

  const { settings, problems: processProblems } = readProcess(env, given.TZ, sources);
  const { workspaceConfigPath } = settings;
  const { policy, problems: policyProblems } = readPolicy(env, sources, workspaceConfigPath);
  const {
    prices,
    problems: priceProblems,
    ...inPrices
  } = readPricesBeside(workspaceConfigPath, env.KEPT_CONFIG ?? DEFAULT_WORKSPACE_CONFIG, sources);
  const { rules: alertRules, problems: alertProblems } = readAlertsBeside(
    workspaceConfigPath,
    env.KEPT_CONFIG ?? DEFAULT_WORKSPACE_CONFIG,
    sources,
  );
  const { http, problems: httpProblems } = readHttp(env, sources);
  const { models, problems: modelProblems } = readModels(env, sources.hasPackage);
  const { agents, problems: agentProblems } = readAgents(env, models, sources);
  const { search, problems: searchProblems } = readSearch(env);
  const { notion, problems: notionProblems } = readNotion(env);
  const { telegram, problems: telegramProblems } = readTelegram(env, sources);
  const { coding, problems: codingProblems } = readCoding(env, given, sources);
  const { mcp, secrets: mcpSecrets, problems: mcpProblems } = readMcp(env, { ...sources, env: { ...sources.env, ...given } });
  const traces = readTraces(env);
  const { alertChannels, problems: channelProblems } = readAlertChannels(env, telegram?.operatorChat);
  const { webhook, problems: webhookProblems } = readWebhook(env);
  const file = sources.insteadOfWorkspaces ?? env.KEPT_CONFIG ?? DEFAULT_WORKSPACE_CONFIG;
  const promises = readPromises(env);
  const ruleProblems = policy
    ? [
        ...mcpRuleProblems(file, policy, mcp),
        ...personProblems(file, policy, models, sources.hasPackage),
        ...budgetProblems(file, { policy, models, agents, prices, perPromise: promises.budget }),
      ]
    : [];
  const malformed = new Set(problems.filter(({ severity }) => severity === 'error').map(({ place }) => place));
  problems.push(
    ...[
      ...policyProblems,
      ...priceProblems,
      ...unaskedPrices(inPrices, askedNames({ models, agents, budgets: policy ? budgetsOf(policy) : [] })),
      ...alertProblems,
      ...channelProblems,
      ...webhookProblems,
      ...httpProblems,
      ...modelProblems,
      ...agentProblems,
      ...workspaceAgentProblems(policy?.workspaces ?? [], agents, isConfigured({ search, ...present({ notion }) })),
      ...telegramProblems,
      ...codingProblems,
      ...mcpProblems,
      ...ruleProblems,
      ...searchProblems,
      ...notionProblems,
      ...processProblems,
    ].filter(({ place }) => !malformed.has(place)),
  );

  const ofVariables = SECRET_VARIABLES.flatMap((name) => (given[name] === undefined ? [] : secretsIn(given[name].trim())));
  const secrets = [
    ...new Set([
      ...ofVariables,
      ...foreignKeys(given),
      ...secretsOfCoding(coding),
      ...secretsOfTraces(traces),
      ...secretsOfAlerts(alertChannels),
      ...secretsOfWebhook(webhook),
      ...mcpSecrets,
    ]),
  ];
  const shown = withoutSecrets([...fileProblems, ...withSecretFiles(problems, secretFiles)], secrets);
  const config: Config = {
    ...settings,
    models,
    agents,
    promises,
    coding,
    search,
    ...present({ notion }),
    http,
    mcp,
    ...present({ traces }),
    ...(telegram ? { telegram } : {}),
    policy: policy ?? workspacePolicy(workspaceConfigPath, {}, sources).policy,
    prices,
    alertRules,
    alertChannels,
    ...present({ webhook }),
    backups: readBackups(env),
    secrets,
    secretFiles,
    warnings: shown.filter(({ severity }) => severity === 'warning'),
  };
  return { config, problems: shown };
};

/** The well-formed variables, and the problems of the others. */
const readEnvironment = (given: Readonly<Record<string, string | undefined>>): { env: Environment; problems: ConfigProblem[] } => {
  const parsed = environmentSchema.safeParse(given);
  if (parsed.success) return { env: parsed.data, problems: [] };
  const problems = parsed.error.issues.map((issue) =>
    error(
      String(issue.path[0]),
      issue.message,
      issue.code === 'custom' ? String(issue.params?.hint) : 'see docs/reference/configuration.md',
    ),
  );
  const bad = new Set(problems.map(({ place }) => place));
  return { env: environmentSchema.parse(Object.fromEntries(Object.entries(given).filter(([name]) => !bad.has(name)))), problems };
};

const readPolicy = (
  env: Environment,
  sources: ConfigSources,
  path: string,
): { readonly policy?: AccessPolicy; readonly problems: readonly ConfigProblem[] } => {
  const instead = sources.insteadOfWorkspaces;
  const file = instead ?? env.KEPT_CONFIG ?? DEFAULT_WORKSPACE_CONFIG;
  const text = readText(instead === undefined ? path : resolve(sources.cwd, instead), file, sources);
  if (!text.ok) return { problems: [text.error] };
  const source = text.value;
  if (source === undefined && instead !== undefined) return { problems: [error(file, 'there is no such file', 'correct the path')] };
  if (source === undefined && env.KEPT_CONFIG !== undefined)
    return { problems: [error('KEPT_CONFIG', `there is no file ${path}`, 'correct the path, or leave the variable unset')] };
  const { content, problems: misshapen } = readWorkspaceFile(file, source ?? '{}');
  if (!content) return { problems: misshapen };
  const { policy, problems: contradictions } = workspacePolicy(file, content, sources);
  const problems = [...misshapen, ...contradictions];
  const allowed = env.TELEGRAM_ALLOWED_GROUPS;
  if (!allowed || !content.workspaces) return { policy, problems };
  const names = policy.workspaces.map(({ name }) => name);
  const known = new Set(names.map((name) => name.toLowerCase()));
  const unknown = [...new Set(allowed)]
    .filter((name) => !known.has(name.toLowerCase()))
    .map((name) =>
      warning(
        'TELEGRAM_ALLOWED_GROUPS',
        `no workspace is called "${name}"`,
        suggestion(
          nearestName(name, names),
          names.length === 0 ? `no workspaces are configured in ${file}` : `there are: ${names.join(', ')}`,
        ),
      ),
    );
  return { policy: { ...policy, allowedGroups: new Set(allowed.map((name) => name.toLowerCase())) }, problems: [...problems, ...unknown] };
};

/** The value itself and, if it is an address, the password or secret in it. */
const secretsIn = (value: string): readonly string[] => {
  const password = URL.parse(value)?.password ?? '';
  return [...new Set([value, password, decodedPart(password) ?? '', ...secretsOfProxy(value)])].filter((secret) => secret !== '');
};

/**
 * The keys of other programs, and of packages that an operator installs beside Kept: what runs here may see and tell
 * them.
 */
const foreignKeys = (given: Readonly<Record<string, string | undefined>>): readonly string[] =>
  Object.entries(given).flatMap(([name, value = '']) =>
    FOREIGN_KEY.test(name) && !SECRET_VARIABLES.some((own) => own === name) ? [value.trim()] : [],
  );
const FOREIGN_KEY = /(_API_KEY|_SECRET_ACCESS_KEY|_SESSION_TOKEN|_BEARER_TOKEN_BEDROCK)$/i;

/** Reports lists that name something twice. KEPT_MODELS is checked elsewhere, as its order counts. */
const repeatedNames = (env: Environment): ConfigProblem[] =>
  (['CORS_ORIGINS', 'TELEGRAM_ALLOWED_GROUPS'] as const).flatMap((variable) => {
    const names = (env[variable] ?? []).map((name) => name.toLowerCase());
    const repeated = [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
    return repeated.map((name) => warning(variable, `"${name}" is named twice`, 'name each once'));
  });
