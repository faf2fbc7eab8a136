import { systemClock } from '../../adapters/system/index.ts';
import type { Config, VariableName } from '../../config/index.ts';
import { inDollars } from '../../domain/budget/money.ts';
import { costOf, priceOf } from '../../domain/budget/prices.ts';
import { present } from '../../domain/shared/present.ts';
import { isPortError, type PortErrorCode } from '../../ports/index.ts';
import { modelPlace } from '../model-help.ts';
import { ownModels } from '../modules/models.ts';
import type { Prompt } from '../prompt.ts';
import { type InitFlags, mayReplace, type Setup, StepFailed, untilItWorks, write } from './setup.ts';

type Provider = NonNullable<InitFlags['provider']>;

interface Ways {
  readonly label: string;
  /** What the model is called where it is asked. */
  readonly reference: 'anthropic' | 'openai';
  readonly key: VariableName;
  readonly model: VariableName;
  readonly baseUrl: VariableName;
  /** The server that is asked where no address is set; absent where there is none. */
  readonly usualUrl?: string;
  /** Where keys come from. */
  readonly from: string;
}

const WAYS: Readonly<Record<Exclude<Provider, 'rehearsal'>, Ways>> = {
  anthropic: {
    label: 'Anthropic (Claude)',
    reference: 'anthropic',
    key: 'ANTHROPIC_API_KEY',
    model: 'ANTHROPIC_MODEL',
    baseUrl: 'ANTHROPIC_BASE_URL',
    usualUrl: 'https://api.anthropic.com',
    from: 'https://platform.claude.com',
  },
  openai: {
    label: 'OpenAI',
    reference: 'openai',
    key: 'OPENAI_API_KEY',
    model: 'OPENAI_MODEL',
    baseUrl: 'OPENAI_BASE_URL',
    usualUrl: 'https://api.openai.com/v1',
    from: 'https://platform.openai.com',
  },
  compatible: {
    label: 'another server that speaks as OpenAI does (Ollama, vLLM, OpenRouter and many more)',
    reference: 'openai',
    key: 'OPENAI_API_KEY',
    model: 'OPENAI_MODEL',
    baseUrl: 'OPENAI_BASE_URL',
    from: 'whoever runs the server',
  },
};

const REHEARSAL = 'none for now: the offline rehearsal model, which needs no key';

/** By the flags alone; undefined where they name no provider. */
export const providerIn = ({ provider, modelKey, baseUrl, model }: InitFlags): Provider | undefined => {
  if (provider) return provider;
  if (modelKey?.startsWith('sk-ant-')) return 'anthropic';
  if (baseUrl !== undefined) return 'compatible';
  if (modelKey?.startsWith('sk-')) return 'openai';
  return model?.startsWith('claude-') ? 'anthropic' : undefined;
};

/** Whether a model is configured: the rehearsal model is what there is without one. */
export const hasModel = ({ files }: Pick<Setup, 'files'>): boolean =>
  (['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'OPENAI_BASE_URL', 'KEPT_MODELS'] as const).some((name) => files.current(name) !== undefined);

/** The model that answers: its key is proven by one completion. */
export const modelStep = async (setup: Setup): Promise<void> => {
  const { files, flags, person, tell } = setup;
  const named = providerIn(flags);
  if (hasModel(setup) && named === undefined) return tell('model', `kept (${files.config().models.order.join(', then ')})`);
  const provider = named ?? (await person?.choose('Which model answers?', choices())) ?? 'rehearsal';
  if (provider === 'rehearsal') return tell('model', 'the rehearsal model: it answers offline, by fixed rules');
  const ways = WAYS[provider];
  let isFirst = true;
  const proven = await untilItWorks(setup, async () => {
    const variables = await variablesOf(setup, provider, isFirst);
    isFirst = false;
    const words = await completion(files.preview({ variables }), ways);
    return { variables, words };
  });
  if (!proven) return tell('model', 'left out: the rehearsal model answers');
  const before = files.current(ways.key);
  const replaces = before !== undefined && proven.variables[ways.key] !== before;
  if (replaces && !(await mayReplace(setup, ways.key))) return tell('model', `kept (${ways.key} as it was)`);
  tell('model', proven.words);
  write(setup, { variables: proven.variables });
};

const choices = (): readonly { readonly label: string; readonly value: Provider }[] => [
  ...(['anthropic', 'openai', 'compatible'] as const).map((value) => ({ label: WAYS[value].label, value })),
  { label: REHEARSAL, value: 'rehearsal' },
];

/** Flags first, then what stands, then the person; after a failure the person is asked before anything that failed. */
const variablesOf = async (
  setup: Setup,
  provider: Exclude<Provider, 'rehearsal'>,
  isFirst: boolean,
): Promise<Partial<Record<VariableName, string>>> => {
  const { files, flags, person } = setup;
  const { key, model, baseUrl, label, from } = WAYS[provider];
  const asked = async (
    flag: string | undefined,
    standing: string | undefined,
    ask: (person: Prompt, known?: string) => Promise<string>,
  ) => {
    const known = flag ?? standing;
    if (person && (!isFirst || known === undefined)) return (await ask(person, known)) || known;
    return known;
  };
  const isOwn = provider === 'compatible';
  const address = isOwn
    ? await asked(flags.baseUrl, files.current(baseUrl), (to) => to.ask('Address of the server, such as http://127.0.0.1:11434/v1: '))
    : flags.baseUrl;
  const keyOf = address === undefined ? undefined : otherServer(setup, WAYS[provider], address);
  if (keyOf !== undefined && flags.modelKey === undefined && !person)
    throw new StepFailed(
      `${key} was given for ${keyOf}, and would go to ${address}`,
      files.isFixed(key)
        ? `set ${baseUrl} beside it in the environment if it is meant for that server, else unset it there`
        : 'give the key of that server with --model-key, or --model-key "" if it needs none',
      'init/other-key',
    );
  const secret = await asked(flags.modelKey, keyOf === undefined ? files.current(key) : undefined, (to, known) => {
    const alone = known ? 'for the one before' : 'if it needs none';
    const question = isOwn ? `Key (nothing is shown; Enter alone ${alone}): ` : `Key of ${label}, from ${from} (nothing is shown): `;
    return to.ask(question, { secret: true });
  });
  const name = isOwn ? await asked(flags.model, files.current(model), (to) => to.ask('Name of the model: ')) : flags.model;
  if (!isOwn && !secret) throw new StepFailed('there is no key', 'give it with --model-key', 'init/no-key');
  if (isOwn && !address) throw new StepFailed('there is no address', 'give it with --base-url', 'init/no-address');
  const isNew = secret !== files.current(key);
  // A server that needs no key gets none.
  return present({
    [key]: secret ?? (keyOf === undefined ? undefined : ''),
    [baseUrl]: address ?? (isNew ? await serverFor(setup, WAYS[provider]) : undefined),
    [model]: name,
  });
};

/** The server that the key that stands was given for, where that is another one. */
const otherServer = ({ files }: Setup, { key, baseUrl, reference }: Ways, address: string): string | undefined => {
  if (files.current(key) === undefined) return undefined;
  const standing = files.current(baseUrl) ?? WAYS[reference].usualUrl;
  return standing === undefined || plain(standing) === plain(address) ? undefined : standing;
};

const plain = (address: string): string => address.trim().replace(/\/+$/, '');

/**
 * An earlier choice may have left the address of another server in `.env`, which must not get a new key unasked. What
 * the environment says is meant. Undefined leaves the address as it is.
 */
const serverFor = async ({ files, person }: Setup, { baseUrl, usualUrl, label }: Ways): Promise<string | undefined> => {
  const standing = files.current(baseUrl);
  if (usualUrl === undefined || standing === undefined || plain(standing) === plain(usualUrl) || files.isFixed(baseUrl)) return undefined;
  const problem = `${baseUrl} in .env is ${standing}: the key would go there`;
  if (!person) throw new StepFailed(problem, `name the server with --base-url: ${usualUrl} is that of ${label}`, 'init/other-server');
  return person.choose(`${problem}. Which server is meant?`, [
    { label: `${usualUrl}, that of ${label}`, value: usualUrl },
    { label: standing, value: standing },
  ]);
};

const LIMIT_MS = 60_000;

/** One live completion, in words with its cost. Throws StepFailed. */
const completion = async (config: Config, { reference, from, baseUrl, key }: Ways): Promise<string> => {
  const model = ownModels(config, systemClock).byReference(reference);
  const address = modelPlace(reference, config.models)?.address ?? '';
  try {
    const { usage, text } = await model.respond(
      {
        instructions: 'You are tested. Answer with the one word that is asked for.',
        conversation: [{ role: 'person', name: 'Operator', text: 'Say: ready' }],
        tools: [],
        maxOutputTokens: 1_024,
      },
      { signal: AbortSignal.timeout(LIMIT_MS), onEvent: () => undefined },
    );
    const price = priceOf(config.prices, model.name);
    const cost = price && costOf(usage, price);
    const paid = cost === undefined ? 'no price is known' : `cost ${inDollars(cost)}`;
    const said = text.trim() === '' ? 'answered without words' : 'answered';
    return `${model.name} ${said} (${usage.inputTokens} tokens in, ${usage.outputTokens} out; ${paid})`;
  } catch (error) {
    if (!isPortError(error)) throw error;
    const fixes: Partial<Record<PortErrorCode, string>> = {
      unauthorised: `copy the key again from ${from}: a key is shown once, and has no blanks in it`,
      'out-of-credit': `the key is right, and its account has no credit: add some at ${from}, or give the key of another account`,
      'not-found': `name a model that is there with --model; it was asked at ${address}`,
      'rate-limited': 'wait a minute, and try again',
      unavailable: `is this machine on the network? It was asked at ${address} (${baseUrl})`,
      timeout: `it was asked at ${address} (${baseUrl}): is that right?`,
      aborted: `it did not answer within ${LIMIT_MS / 1_000} s at ${address} (${baseUrl})`,
      'malformed-reply': `it was asked at ${address}: is that the address of a model server (${baseUrl})?`,
    };
    throw new StepFailed(
      error.message,
      fixes[error.code] ?? `it was asked at ${address}: see ${key} and ${baseUrl}`,
      `init/model-${error.code}`,
    );
  }
};
