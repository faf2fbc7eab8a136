import { lineExcerpt } from '../shared/excerpt.ts';
import { makeSketchBuilder, type Sketch, type SketchBuilder } from './sketch.ts';

/**
 * What is measured: runs of agents, calls of tools and models, sends through gateways, runs of agents by workspace,
 * whole turns by agent, attempts at promises by their type, and commits.
 */
export const MEASURED_KINDS = ['agent', 'tool', 'model', 'gateway', 'workspace', 'turn', 'promise', 'commit'] as const;
export type MeasuredKind = (typeof MEASURED_KINDS)[number];

/** Beside what takes its time: how many of something there are at a moment, such as promises that wait. */
export const LEVEL = 'level';
/** Everything of which sketches are stored. */
export const SKETCHED_KINDS = [...MEASURED_KINDS, LEVEL] as const;
export type SketchedKind = (typeof SKETCHED_KINDS)[number];

/** One thing that took its time, and worked or failed. */
export interface Observation {
  readonly kind: SketchedKind;
  readonly name: string;
  /** Of a level: how many, in the place of ms. */
  readonly ms: number;
  readonly failed: boolean;
}

export interface MeasuredSketch {
  readonly kind: SketchedKind;
  readonly name: string;
  readonly sketch: Sketch;
}

/** What was measured in a span of time. */
export interface Measurements {
  /** Names them: what is stored twice under one id counts once. */
  readonly id: string;
  /** In ms since 1970: everything was measured after `from` and up to `until`. */
  readonly from: number;
  readonly until: number;
  /** Each kind and name once. */
  readonly sketches: readonly MeasuredSketch[];
}

/** The most names of a kind that are told apart; what else there is counts together, as `OTHER_NAMES`. */
export const MAX_MEASURED_NAMES = 200;
export const OTHER_NAMES = '(other)';
/** What has no name: a chat of no workspace. */
export const NO_NAME = '(none)';
/** A name that the thing does not have: a model may call a tool by any name. */
export const UNKNOWN_NAME = '(unknown)';

/** The longest name; of a longer one its beginning stands for it. */
const MAX_NAME_LENGTH = 100;

/** Counts what is observed, by kind and name, in bounded room. */
export interface MeasurementsBuilder {
  observe(observation: Observation): void;
  /** Everything since it was made; the names of a kind in their order. */
  read(): readonly MeasuredSketch[];
}

export const makeMeasurementsBuilder = (): MeasurementsBuilder => {
  const kinds = new Map<SketchedKind, Map<string, SketchBuilder>>();
  const builderOf = (kind: SketchedKind, name: string): SketchBuilder => {
    const names = kinds.get(kind) ?? new Map<string, SketchBuilder>();
    kinds.set(kind, names);
    const known = names.get(name);
    if (known) return known;
    if (name !== OTHER_NAMES && names.size >= MAX_MEASURED_NAMES) return builderOf(kind, OTHER_NAMES);
    const builder = makeSketchBuilder();
    names.set(name, builder);
    return builder;
  };
  return {
    observe: ({ kind, name, ms, failed }) => builderOf(kind, nameOf(name)).add(ms, failed),
    read: () =>
      SKETCHED_KINDS.flatMap((kind) =>
        Array.from(kinds.get(kind) ?? [], ([name, builder]) => ({ kind, name, sketch: builder.read() })).sort(byName),
      ),
  };
};

const nameOf = (name: string): string => lineExcerpt(name, MAX_NAME_LENGTH) || NO_NAME;
const byName = (a: MeasuredSketch, b: MeasuredSketch): number => (a.name < b.name ? -1 : 1);

/** The sketches of several measurements as one of each kind and name. Where there are too many names, the rarest go. */
export const mergedSketches = (all: Iterable<readonly MeasuredSketch[]>): readonly MeasuredSketch[] => {
  const kinds = new Map<SketchedKind, Map<string, SketchBuilder>>();
  for (const sketches of all)
    for (const { kind, name, sketch } of sketches) {
      const names = kinds.get(kind) ?? new Map<string, SketchBuilder>();
      kinds.set(kind, names);
      const builder = names.get(name) ?? makeSketchBuilder();
      names.set(name, builder);
      builder.merge(sketch);
    }
  return SKETCHED_KINDS.flatMap((kind) =>
    withinNames(Array.from(kinds.get(kind) ?? [], ([name, builder]) => ({ kind, name, sketch: builder.read() }))).sort(byName),
  );
};

const withinNames = (found: readonly MeasuredSketch[]): MeasuredSketch[] => {
  const named = found.filter(({ name }) => name !== OTHER_NAMES);
  if (named.length <= MAX_MEASURED_NAMES) return [...found];
  const byCount = named.toSorted((a, b) => b.sketch.count - a.sketch.count || byName(a, b));
  const other = makeSketchBuilder();
  for (const { sketch } of [...found.filter(({ name }) => name === OTHER_NAMES), ...byCount.slice(MAX_MEASURED_NAMES)]) other.merge(sketch);
  const [first] = named;
  return [...byCount.slice(0, MAX_MEASURED_NAMES), ...(first ? [{ kind: first.kind, name: OTHER_NAMES, sketch: other.read() }] : [])];
};
