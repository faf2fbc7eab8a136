import { present } from '../shared/present.ts';

/**
 * Where a part of a model's context comes from. `agent`: a model wrote it; what it read is labelled beside it.
 * `unknown`: nobody can tell, as it was stored before labels were.
 */
export const SOURCES = ['operator', 'member', 'guest', 'web', 'notion', 'file', 'mcp', 'agent', 'unknown'] as const;
export type Source = (typeof SOURCES)[number];

/** A source; of an MCP server, with its name: `mcp:tracker`. */
export type TrustLabel = Exclude<Source, 'mcp'> | `mcp:${string}`;

/** Where something comes from, and what that means for who may know it. What is derived from it inherits both. */
export interface Provenance {
  /** Each once, in the order of `SOURCES`. */
  readonly labels: readonly TrustLabel[];
  /**
   * It may hold what only this workspace or person may know, though no label says so: files of the workspace, facts,
   * links, what was said before. What comes from Notion and MCP servers may hold such things in any case.
   */
  readonly isPrivate?: true;
}

export const NO_PROVENANCE: Provenance = { labels: [] };

export const sourceOf = (label: TrustLabel): Source => (label.startsWith('mcp:') ? 'mcp' : (label as Source));

/** What people of this place did not write: it may hold words of anybody. */
const UNTRUSTED: ReadonlySet<Source> = new Set<Source>(['guest', 'web', 'notion', 'file', 'mcp', 'unknown']);
const PRIVATE: ReadonlySet<Source> = new Set<Source>(['notion', 'mcp']);

export const isUntrusted = (label: TrustLabel): boolean => UNTRUSTED.has(sourceOf(label));
export const isPrivateSource = (label: TrustLabel): boolean => PRIVATE.has(sourceOf(label));

/** Whether it holds neither what others wrote nor what only this place may know: its words carry nothing out. */
export const isPlain = ({ labels, isPrivate }: Provenance): boolean =>
  labels.length > 0 && !isPrivate && !labels.some((label) => isUntrusted(label) || isPrivateSource(label));

/** All that these come from. */
export const joined = (parts: readonly (Provenance | undefined)[]): Provenance => {
  const labels = new Set(parts.flatMap((part) => part?.labels ?? []));
  const isPrivate = parts.some((part) => part?.isPrivate === true) ? (true as const) : undefined;
  return { labels: [...labels].sort(inOrder), ...present({ isPrivate }) };
};

const inOrder = (one: TrustLabel, other: TrustLabel): number =>
  SOURCES.indexOf(sourceOf(one)) - SOURCES.indexOf(sourceOf(other)) || (one < other ? -1 : one > other ? 1 : 0);

/** A provenance and nothing else; undefined where nothing is known. */
export const provenanceFields = (provenance: Provenance | undefined): Provenance | undefined =>
  provenance && (provenance.labels.length > 0 || provenance.isPrivate) ? joined([provenance]) : undefined;

/** Where the output of a tool comes from, by the tool's name: for what was stored before labels were. */
export const provenanceByTool = (name: string): Provenance | undefined => {
  const label = labelOfTool(name);
  return label && { labels: [label], ...(label === 'file' ? { isPrivate: true } : {}) };
};

const labelOfTool = (name: string): TrustLabel | undefined => (Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : labelOfServer(name));

const BUILT_IN: Readonly<Record<string, TrustLabel>> = {
  search_web: 'web',
  query_notion: 'notion',
  read_notion_page: 'notion',
  read_file: 'file',
  list_files: 'file',
  search_files: 'file',
};

/** `mcp__tracker__find` is of the server `tracker`. */
const labelOfServer = (name: string): TrustLabel | undefined => {
  const [, server] = /^mcp__(.+?)__/.exec(name) ?? [];
  return server === undefined ? undefined : `mcp:${server}`;
};

const WORDS: Readonly<Record<string, string>> = {
  operator: 'the operator',
  member: 'a member',
  guest: 'a guest, a bot or forwarded words',
  web: 'a web page',
  notion: 'Notion',
  file: 'a file',
  agent: 'the agent',
  unknown: 'something of an unknown source',
};

/** A label for people. */
export const labelInWords = (label: TrustLabel): string => WORDS[label] ?? `the MCP server ${JSON.stringify(label.replace(/^mcp:/, ''))}`;

/** Labels for people. */
export const labelsInWords = (labels: readonly TrustLabel[], otherwise = 'nothing'): string =>
  labels.length === 0
    ? otherwise
    : labels
        .map(labelInWords)
        .join(', ')
        .replace(/, ([^,]*)$/, ' and $1');

/** What is stored of a provenance, as JSON. */
export const provenanceToText = (provenance: Provenance | undefined): string | null => {
  const fields = provenanceFields(provenance);
  return fields ? JSON.stringify(fields) : null;
};

/** The provenance that was stored; undefined where none was. What can't be read has an unknown source. */
export const provenanceFromText = (text: string | null): Provenance | undefined => {
  if (text === null) return undefined;
  try {
    return readProvenance(JSON.parse(text)) ?? UNKNOWN;
  } catch {
    return UNKNOWN;
  }
};

/** What nobody can tell: not to be trusted, and not to be told. */
export const UNKNOWN: Provenance = { labels: ['unknown'], isPrivate: true };

/** What Kept itself says, to a model or to people. */
export const OWN_WORDS: Provenance = { labels: ['agent'] };

/** A provenance of JSON; undefined where it is none. */
const readProvenance = (value: unknown): Provenance | undefined => {
  if (typeof value !== 'object' || value === null || !('labels' in value) || !Array.isArray(value.labels)) return undefined;
  if (!value.labels.every(isLabel)) return undefined;
  const isPrivate = 'isPrivate' in value && value.isPrivate === true ? (true as const) : undefined;
  return joined([{ labels: value.labels, ...present({ isPrivate }) }]);
};

const isLabel = (value: unknown): value is TrustLabel =>
  typeof value === 'string' && (/^mcp:./s.test(value) || (value !== 'mcp' && (SOURCES as readonly string[]).includes(value)));
