import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { findCycles } from './cycles.ts';
import { readFacts } from './imports.ts';

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly detail: string;
}

interface Layer {
  /** Layers that it may import, itself included. */
  readonly sees: readonly string[];
  /** Layers that it may load when it needs them, by `import(…)`, and never with itself. */
  readonly lazy?: readonly string[];
  /** Node's own modules: all, or these. */
  readonly node: 'any' | readonly string[];
  readonly packages: 'any' | readonly string[];
  /** Whether the clock, chance and the environment are out of reach. */
  readonly pure: boolean;
}

/** Only the composition roots know the container. */
const CONTAINER = ['inversify', 'reflect-metadata'];
const PACKAGE_ITSELF = 'kept';

const LAYERS: Readonly<Record<string, Layer>> = {
  index: { sees: ['domain', 'ports', 'application', 'library'], node: [], packages: [], pure: true },
  // The composition root of the library: what stands on third-party modules is loaded when it is needed.
  library: {
    sees: ['domain', 'ports', 'application', 'library'],
    lazy: ['adapters/tools', 'adapters/files', 'adapters/cron', 'adapters/git', 'adapters/system'],
    node: [],
    packages: [],
    pure: false,
  },
  domain: { sees: ['domain'], node: [], packages: [], pure: true },
  ports: { sees: ['domain', 'ports'], node: [], packages: [], pure: true },
  application: { sees: ['domain', 'ports', 'application'], node: [], packages: [], pure: true },
  testing: { sees: ['domain', 'ports', 'testing'], node: ['node:assert', 'node:assert/strict'], packages: [], pure: false },
  config: { sees: ['domain', 'config'], node: 'any', packages: ['yaml', 'zod'], pure: false },
};

/** Whatever storage stands on SQL shares its stores: the one adapter that others see, and only these. */
const SHARED_ADAPTER = 'adapters/sql';
const ENGINES = ['adapters/sqlite', 'adapters/postgres'];

/** A hash is a pure function: this file alone of the domain takes it from Node. */
const HASH_FILE = 'src/domain/shared/sha256.ts';

/** Files that `main` imports past an adapter's index, because that would load a large library. */
const LIGHT_FILES = ['src/adapters/telegram/client/ids.ts', 'src/adapters/anthropic/model-facts.ts'];

/**
 * Folders with an order: an area sees itself and those below it. Files beside the areas put them together, and see all.
 */
export const AREAS: Readonly<Record<string, readonly string[]>> = {
  'src/application': [
    'desk',
    'turns',
    'inbox',
    'chat-commands',
    'worker',
    'presence',
    'schedules',
    'recall',
    'agents',
    'alerts',
    'backups',
    'webhooks',
    'outbox',
    'health',
    'leadership',
    'approvals',
    'promises',
    'models',
    'tools',
    'telemetry',
    'pairing',
    'budgets',
    'audit',
    'chats',
    'loops',
  ],
  'src/adapters/telegram': ['login', 'outbound', 'inbound', 'updates', 'client', 'format'],
};

/** The rule that an import between two areas of one folder breaks, if any. */
const areaRule = (file: string, target: string): string | undefined => {
  for (const [folder, order] of Object.entries(AREAS)) {
    if (!file.startsWith(`${folder}/`) || !target.startsWith(`${folder}/`)) continue;
    const [from, to] = [file, target].map((path) => areaOf(folder, path));
    if (from === to || from === undefined) return undefined;
    if (to === undefined) return `an area of ${folder} imports no file beside the areas`;
    const unknown = [from, to].find((area) => !order.includes(area));
    if (unknown !== undefined) return `the order of the areas of ${folder} has no place for ${unknown}`;
    return order.indexOf(to) > order.indexOf(from) ? undefined : `${from} stands below ${to} in ${folder}`;
  }
  return undefined;
};

const COMMANDS = 'src/main/commands/';
/** They run commands, or answer the page as a command does. */
const SEE_COMMANDS = ['src/main/program.ts', 'src/main/cli.ts', 'src/main/modules/http.ts'];

/** What commands share with the rest of main stands beside their folder. */
const commandRule = (file: string, target: string): string | undefined =>
  file.startsWith('src/main/') && !file.startsWith(COMMANDS) && target.startsWith(COMMANDS) && !SEE_COMMANDS.includes(file)
    ? `beside ${SEE_COMMANDS.join(', ')}, nothing imports a command`
    : undefined;

/** `src/application/turns/x.ts` is in `turns`; `src/application/x.ts` in none. */
const areaOf = (folder: string, file: string): string | undefined => {
  const [first, ...rest] = file.slice(folder.length + 1).split('/');
  return rest.length > 0 ? first : undefined;
};

const isMain = (name: string) => name === 'main';
const isAdapter = (name: string) => name.startsWith('adapters/');

/** `src/adapters/http/page/x.ts` is in `adapters/http`, `src/domain/y.ts` in `domain`, `src/index.ts` in `index`. */
const layerName = (file: string): string => {
  const [, first = '', second = '', ...rest] = file.split('/');
  if (first === 'adapters') return rest.length > 0 ? `adapters/${second}` : first;
  return first === 'index.ts' ? 'index' : first;
};

const layerOf = (name: string): Layer | undefined => {
  if (isAdapter(name)) return { sees: ['domain', 'ports', name], node: 'any', packages: 'any', pure: false };
  return LAYERS[name];
};

const packageName = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** The rule that an import of Node's or somebody else's module breaks, if any. */
const outsideRule = (file: string, name: string, layer: Layer | undefined, specifier: string): string | undefined => {
  if (file === HASH_FILE && specifier === 'node:crypto') return undefined;
  if (isBuiltin(specifier)) {
    if (!specifier.startsWith('node:')) return 'Node modules are imported with the node: prefix';
    if (layer === undefined || layer.node === 'any' || layer.node.includes(specifier)) return undefined;
    return layer.node.length === 0 ? `${name} imports no Node module` : `${name} imports no Node module but ${layer.node.join(', ')}`;
  }
  const wanted = packageName(specifier);
  if (wanted === PACKAGE_ITSELF) return 'the package does not import itself by name';
  if (!/^(@[a-z0-9]|[a-z0-9])/i.test(specifier) || specifier.includes(':')) return 'imports are relative paths, node: modules or packages';
  if (isMain(name)) return undefined;
  if (CONTAINER.includes(wanted)) return `only main imports ${CONTAINER.join(' and ')}`;
  if (layer === undefined || layer.packages === 'any' || layer.packages.includes(wanted)) return undefined;
  return layer.packages.length === 0
    ? `${name} imports no third-party module`
    : `${name} imports no third-party module but ${layer.packages.join(', ')}`;
};

const pastIndex = (wanted: string, target: string): boolean =>
  isAdapter(wanted) && target !== `src/${wanted}/index.ts` && !LIGHT_FILES.includes(target);

/** The rule that an import of another of our files breaks, if any. */
const insideRule = (name: string, layer: Layer | undefined, target: string, isLazy: boolean): string | undefined => {
  const wanted = layerName(target);
  if (wanted === name) return undefined;
  if (isMain(name)) return pastIndex(wanted, target) ? 'main imports an adapter through its index' : undefined;
  if (isMain(wanted)) return 'nothing imports main';
  if (ENGINES.includes(name) && wanted === SHARED_ADAPTER) return undefined;
  if (isAdapter(name) && isAdapter(wanted)) return `an adapter imports no other adapter; an engine alone sees ${SHARED_ADAPTER}`;
  if (layer === undefined || layer.sees.includes(wanted)) return undefined;
  if (!layer.lazy?.includes(wanted)) return `${name} does not import ${wanted}`;
  return isLazy ? undefined : `${name} loads ${wanted} when it needs it, by import(…)`;
};

/**
 * Checks who imports whom. `sources` holds every code file, by its path from the repository's root
 * (`src/domain/index.ts`). Type-only imports count like all others: a layer that needs another's types depends on it.
 */
export const checkLayers = (sources: ReadonlyMap<string, string>): readonly Violation[] => {
  const violations: Violation[] = [];
  const edges = new Map<string, Map<string, number>>();

  for (const [file, source] of sources) {
    const name = layerName(file);
    const layer = layerOf(name);
    const report = (line: number, rule: string | undefined, detail: string) => {
      if (rule !== undefined) violations.push({ file, line, rule, detail });
    };
    const targets = new Map<string, number>();
    edges.set(file, targets);

    if (layer === undefined && !isMain(name)) report(1, 'every file belongs to a layer', `no rule says what ${name} may import`);

    const facts = readFacts(file, source);
    for (const error of facts.syntaxErrors) report(error.line, 'every file can be parsed', error.message);
    for (const { specifier, line, isLazy } of facts.references) {
      if (specifier === undefined) {
        if (!isMain(name)) report(line, 'imports are written out', 'what a computed import loads cannot be checked');
      } else if (/^\.\.?(\/|$)/.test(specifier)) {
        const target = posix.join(posix.dirname(file), specifier);
        if (sources.has(target)) targets.set(target, line);
        report(
          line,
          sources.has(target)
            ? (insideRule(name, layer, target, isLazy) ?? areaRule(file, target) ?? commandRule(file, target))
            : 'a relative import names a code file below src',
          specifier,
        );
      } else {
        report(line, outsideRule(file, name, layer, specifier), specifier);
      }
    }
    if (layer?.pure) {
      for (const use of facts.uses) report(use.line, `${name} reads no clock, chance or environment`, use.name);
    }
  }

  for (const cycle of findCycles(edges)) {
    const [file = '', next = ''] = cycle;
    violations.push({ file, line: edges.get(file)?.get(next) ?? 1, rule: 'no import cycles', detail: [...cycle, file].join(' → ') });
  }
  return violations;
};
