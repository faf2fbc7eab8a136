import { probeAiSdkModel } from '../../adapters/ai-sdk/index.ts';
import { probeModels } from '../../adapters/probes/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint, modelNameOf, readModelReference } from '../../domain/index.ts';
import type { HealthProbe, PortErrorCode } from '../../ports/index.ts';
import { allModels, helpWith, type ModelPlace, modelPlace } from '../model-help.ts';
import { asking } from './asking.ts';

export interface ModelProbe {
  /** The name under which the model is asked and logged. */
  readonly name: string;
  readonly probe: HealthProbe;
}

export interface ModelProbesOptions {
  readonly limitMs?: number | undefined;
  /** How bad a model is that can't be asked. Default: a failure where it is the only one, else a warning. */
  readonly broken?: 'warn' | 'fail' | undefined;
  /** How a package of the AI SDK is found. */
  readonly importPackage?: ((wanted: string) => Promise<Readonly<Record<string, unknown>>>) | undefined;
}

/**
 * A probe of each model that may be asked: whether its server answers, takes the key, and has the model, which costs
 * nothing. The first one of a provider is `model.<provider>`, others are `model.<name>`.
 */
export const modelProbes = (
  config: Config,
  { limitMs, broken, importPackage = (wanted) => import(wanted) }: ModelProbesOptions = {},
): readonly ModelProbe[] => {
  const references = allModels(config);
  const severity = broken ?? (references.length > 1 ? 'warn' : 'fail');
  const known = new Set<string>();
  return references.flatMap((text): readonly ModelProbe[] => {
    const reference = readModelReference(text);
    if (!reference) return [];
    const name = modelNameOf(reference, config.models);
    const id = known.has(reference.provider) ? `model.${name}` : `model.${reference.provider}`;
    known.add(reference.provider);
    const place = modelPlace(text, config.models);
    const base = { id, depth: 'cheap', limitMs, broken: severity } as const;
    if (place) return [{ name, probe: serverProbe(place, base) }];
    if (reference.provider === 'ai-sdk')
      return [
        {
          name,
          probe: asking({
            ...base,
            where: 'KEPT_MODELS',
            help: () => 'see KEPT_MODELS',
            ask: () => probeAiSdkModel({ ...reference, name, importPackage }),
          }),
        },
      ];
    if (reference.provider !== 'rehearsal') return [];
    return [{ name, probe: asking({ ...base, help: () => 'see KEPT_MODELS', ask: () => 'answers offline: it is a rehearsal' }) }];
  });
};

const serverProbe = (place: ModelPlace, base: Pick<Parameters<typeof asking>[0], 'id' | 'depth' | 'limitMs' | 'broken'>): HealthProbe => {
  const help: Partial<Record<PortErrorCode, string>> = helpWith(place);
  return asking({
    ...base,
    where: place.address,
    help: (code) => help[code] ?? `${place.name} is asked at ${place.address}: see ${place.addressVariable}`,
    ask: async (signal) => {
      const request = { url: `${place.address}/models`, headers: place.headers, model: place.model };
      const { words, outcome } = await probeModels(place.address, request, signal);
      const message = `${place.address} ${words}`;
      if (outcome === 'listed') return message;
      return { status: 'warn', message, where: place.address, fixHint: FIX[outcome](place) };
    },
  });
};

const FIX = {
  missing: ({ modelVariable }: ModelPlace) => `check ${modelVariable}, unless the server knows the model all the same`,
  'no-list': ({ addressVariable }: ModelPlace) =>
    `check ${addressVariable}: a path that is not the server's, such as one without /v1, answers so. ${commandHint('health --deep')} asks the model itself`,
};
