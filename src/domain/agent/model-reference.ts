import { excerpt } from '../shared/excerpt.ts';
import { nearestName } from '../shared/nearest-name.ts';

/** Makers whose models Kept asks by itself. */
export const MODEL_PROVIDERS = ['anthropic', 'openai', 'rehearsal'] as const;
export type ModelProvider = (typeof MODEL_PROVIDERS)[number];

/** Which model is meant: one of a provider, or one behind a package of the AI SDK that the operator installs. */
export type ModelReference =
  /** Without a model: the one that the provider is configured for. */
  | { readonly provider: ModelProvider; readonly model?: string }
  /** `packages`: the names that the package may have, the likelier first. */
  | { readonly provider: 'ai-sdk'; readonly packages: readonly [string, ...string[]]; readonly model: string };

/** What is configured, as far as references go by it. */
export interface KnownModels {
  readonly anthropic?: { readonly model: string } | undefined;
  readonly openai?: { readonly model: string } | undefined;
}

/** Why a reference can't be used, and what to do about it. */
export interface ReferenceProblem {
  readonly problem: string;
  readonly hint: string;
}

/**
 * Reads `anthropic`, `openai`, `rehearsal`, `anthropic/<model>`, `openai/<model>` and `ai-sdk:<package>/<model>`.
 * Undefined for anything else. A package has two parts where it begins with `@`, else one; what follows is the model.
 */
export const readModelReference = (text: string): ModelReference | undefined => {
  const written = text.trim();
  if (AI_SDK.test(written)) return aiSdkReference(written.replace(AI_SDK, ''));
  const [, word = '', model] = /^([^/\s]+)(?:\/(\S+))?$/.exec(written) ?? [];
  const provider = MODEL_PROVIDERS.find((known) => known === word.toLowerCase());
  if (!provider || (provider === 'rehearsal' && model !== undefined)) return undefined;
  return model === undefined ? { provider } : { provider, model };
};

const AI_SDK = /^ai-sdk:/i;
const OFFICIAL = '@ai-sdk/';

/** `anthropic` is short for `@ai-sdk/anthropic`, and the name of a package of its own where that is not installed. */
const aiSdkReference = (text: string): ModelReference | undefined => {
  const [, name = '', model = ''] = /^((?:@[a-z\d][\w.-]*\/)?[a-z\d][\w.-]*)\/(\S+)$/i.exec(text) ?? [];
  if (name === '') return undefined;
  return { provider: 'ai-sdk', packages: name.startsWith('@') ? [name] : [`${OFFICIAL}${name}`, name], model };
};

/** The name under which a model is asked, logged and cools down: the same for every way to refer to it. */
export const modelNameOf = (reference: ModelReference, known: KnownModels): string => {
  if (reference.provider === 'ai-sdk') return `ai-sdk:${reference.packages[0].replace(OFFICIAL, '')}/${reference.model}`;
  if (reference.provider === 'rehearsal') return 'rehearsal/offline';
  return `${reference.provider}/${reference.model ?? known[reference.provider]?.model ?? ''}`;
};

/**
 * Why no model can be asked by this reference; undefined if one can. `hasPackage`: whether a package is installed;
 * without it, every one counts as installed.
 */
export const modelReferenceProblem = (
  text: string,
  known: KnownModels,
  hasPackage: (name: string) => boolean = () => true,
): ReferenceProblem | undefined => {
  const reference = readModelReference(text);
  if (!reference) return unreadable(text.trim());
  if (reference.provider === 'ai-sdk') {
    if (reference.packages.some(hasPackage)) return undefined;
    const [name] = reference.packages;
    return { problem: `names the package ${name}, which is not installed`, hint: installHint(name) };
  }
  if (reference.provider === 'rehearsal' || known[reference.provider]) return undefined;
  return { problem: `names ${reference.provider}, which is not configured`, hint: NEEDS[reference.provider] };
};

/** What turns a provider on. */
export const NEEDS: Readonly<Record<Exclude<ModelProvider, 'rehearsal'>, string>> = {
  anthropic: 'set ANTHROPIC_API_KEY',
  openai: 'set OPENAI_API_KEY or OPENAI_BASE_URL',
};

/** How to install a package of the AI SDK. */
export const installHint = (name: string): string => `install it where Kept is installed: \`npm install ${name}\``;

const FORMS = `${MODEL_PROVIDERS.join(', ')}, anthropic/<model>, openai/<model>, ai-sdk:<package>/<model>`;

const unreadable = (text: string): ReferenceProblem => {
  if (AI_SDK.test(text))
    return {
      problem: `"${excerpt(text, 100)}" names no package with a model`,
      hint: 'write ai-sdk:<package>/<model>, such as ai-sdk:@ai-sdk/anthropic/claude-sonnet-5-5',
    };
  const [word = '', ...rest] = text.split('/').flatMap((part, at) => (at === 0 || part.trim() !== '' ? [part.trim()] : []));
  const provider = MODEL_PROVIDERS.find((known) => known === word.toLowerCase());
  if (provider && provider !== 'rehearsal' && rest.length === 0)
    return {
      problem: `"${excerpt(text, 100)}" names no model behind its /`,
      hint: `write ${provider} alone for the model that is configured, or ${provider}/<model>`,
    };
  const near = nearestName(word, MODEL_PROVIDERS);
  const meant = near === undefined ? makerOf(text) : [near, ...(near === 'rehearsal' ? [] : rest)].join('/');
  return {
    problem: `no model is called "${excerpt(text, 100)}"`,
    hint: meant === undefined ? `there are: ${FORMS}` : `did you mean "${excerpt(meant, 100)}"?`,
  };
};

/** The reference that a bare name of a model most likely means. */
const makerOf = (model: string): string | undefined => {
  if (/^claude-\S+$/.test(model)) return `anthropic/${model}`;
  return /^(gpt-|o\d)\S*$/.test(model) ? `openai/${model}` : undefined;
};
