import { installHint } from '../../domain/agent/model-reference.ts';
import { errorCode } from '../../domain/shared/error-code.ts';
import { PortError, reasonOf } from '../../ports/port-error.ts';
import type { MakeProvider, SdkModel, SdkProvider } from './spec.ts';

/** Imports a package by its name. */
export type ImportPackage = (name: string) => Promise<Readonly<Record<string, unknown>>>;

const VERSION = 'v4';

/**
 * The maker of the provider in the first of these packages that is installed. Rejects with PortError `not-found`, in
 * words that say how to install one, or that it is no provider.
 */
export const loadProvider = async (packages: readonly [string, ...string[]], importPackage: ImportPackage): Promise<MakeProvider> => {
  for (const name of packages) {
    const exports = await importIfThere(name, importPackage);
    if (!exports) continue;
    const make = makerIn(exports);
    if (make) return make;
    throw unusable(`the package ${name} offers no provider of models`, 'name a provider package of the AI SDK');
  }
  const [name] = packages;
  throw unusable(`the package ${name} is not installed`, installHint(name));
};

/** Undefined where the package is not there; one that is there and fails says why. */
const importIfThere = async (name: string, importPackage: ImportPackage) => {
  try {
    return await importPackage(name);
  } catch (error) {
    const isMissing = errorCode(error) === 'ERR_MODULE_NOT_FOUND' && reasonOf(error).includes(`'${name}'`);
    if (isMissing) return undefined;
    throw new PortError('not-found', `the package ${name} can't be loaded: ${reasonOf(error)}`, { retryable: false, cause: error });
  }
};

/** Each package exports a function `create…`, some beside others that make no provider. */
const makerIn = (exports: Readonly<Record<string, unknown>>): MakeProvider | undefined =>
  Object.entries(exports).flatMap(([name, value]) => {
    if (!/^create[A-Z]/.test(name) || typeof value !== 'function') return [];
    const make = value as (settings: { readonly fetch: typeof globalThis.fetch }) => unknown;
    return isProvider(attempt(() => make({ fetch }))) ? [make as MakeProvider] : [];
  })[0];

/** What fails without settings of its own is no maker that can be used here. */
const attempt = (make: () => unknown): unknown => {
  try {
    return make();
  } catch {
    return undefined;
  }
};

const isProvider = (made: unknown): made is SdkProvider =>
  (typeof made === 'function' || typeof made === 'object') &&
  made !== null &&
  'languageModel' in made &&
  typeof made.languageModel === 'function';

/** The provider's model of that name, where it speaks the version of the specification that is spoken here. */
export const openModel = (provider: SdkProvider, model: string, who: string): SdkModel => {
  const opened = provider.languageModel(model);
  if (opened.specificationVersion === VERSION) return opened;
  throw unusable(
    `${who} speaks version ${opened.specificationVersion} of the AI SDK's specification, and Kept speaks ${VERSION}`,
    'install a newer major version of its package',
  );
};

/**
 * What a look at the package shows, without asking its other side: it is there, and makes the model. Rejects with
 * PortError `not-found` where it is not, or can't.
 */
export const probeAiSdkModel = async (options: {
  readonly packages: readonly [string, ...string[]];
  readonly model: string;
  readonly name: string;
  readonly importPackage: ImportPackage;
}): Promise<string> => {
  const makeProvider = await loadProvider(options.packages, options.importPackage);
  openModel(makeProvider({ fetch }), options.model, options.name);
  return `its package is installed, and speaks version ${VERSION} of the specification`;
};

const unusable = (problem: string, hint: string): PortError => new PortError('not-found', `${problem}; ${hint}`, { retryable: false });
