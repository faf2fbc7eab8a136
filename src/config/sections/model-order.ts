import {
  type KnownModels,
  type ModelProvider,
  modelNameOf,
  modelReferenceProblem,
  NEEDS,
  readModelReference,
} from '../../domain/agent/model-reference.ts';
import { type ConfigProblem, error } from '../problems.ts';

/**
 * The order in which models are tried: that of KEPT_MODELS, else all that are configured, else the rehearsal model.
 * Every reference in it can be used.
 */
export const readModelOrder = (
  written: readonly string[] | undefined,
  known: KnownModels,
  hasPackage: (name: string) => boolean,
): { readonly order: readonly string[]; readonly problems: readonly ConfigProblem[] } => {
  if (written === undefined) {
    const order = (['anthropic', 'openai'] as const).filter((provider) => known[provider]);
    return { order: order.length > 0 ? order : ['rehearsal'], problems: [] };
  }
  const order: string[] = [];
  const problems: ConfigProblem[] = [];
  /** How often each model is named, by whatever reference; unreadable ones by their own words. */
  const times = new Map<string, number>();
  const nameOf = (text: string): string => {
    const reference = readModelReference(text);
    return reference ? modelNameOf(reference, known) : text;
  };
  for (const text of written) times.set(nameOf(text), (times.get(nameOf(text)) ?? 0) + 1);
  const seen = new Set<string>();
  for (const text of written) {
    const name = nameOf(text);
    if (seen.has(name)) continue;
    seen.add(name);
    const reference = readModelReference(text);
    const wrong = modelReferenceProblem(text, known, hasPackage);
    if (reference && (times.get(name) ?? 0) > 1) {
      const also = wrong && isProvider(reference.provider) ? `, and ${NEEDS[reference.provider]}` : '';
      problems.push(error('KEPT_MODELS', `${plain(text)} is named twice`, `name each once, first the one to try first${also}`));
    } else if (wrong) problems.push(error('KEPT_MODELS', wrong.problem, wrong.hint));
    else order.push(plain(text));
  }
  return { order, problems };
};

const isProvider = (name: string): name is Exclude<ModelProvider, 'rehearsal'> => Object.hasOwn(NEEDS, name);

/** As it is written, with the provider in small letters. */
const plain = (text: string): string => text.trim().replace(/^[^/:]+/, (provider) => provider.toLowerCase());
