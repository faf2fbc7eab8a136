import type { Effort } from '../../domain/agent/agent.ts';

/** What the maker documents of a model (https://platform.claude.com/docs/en/about-claude/models/overview, …/effort). */
export interface ModelFacts {
  /** Tokens of one reply, thoughts included. */
  readonly maxOutputTokens: number;
  /** What `output_config.effort` takes; empty: the model refuses the setting. */
  readonly efforts: readonly Effort[];
  /**
   * Whether it thinks adaptively: `always`, else `on` or `off` unless it is told otherwise; `never`: it needs a budget
   * for that, which is never given here.
   */
  readonly thinking: 'always' | 'on' | 'off' | 'never';
}

/** A model of another name, behind a gateway or a server of one's own: asked for little, and told nothing new. */
const UNKNOWN: ModelFacts = { maxOutputTokens: 8_192, efforts: [], thinking: 'never' };
const NAMED_FAMILY_FIRST = /claude-(?<family>[a-z]+)-(?<major>\d{1,2})(?:[-.](?<minor>\d{1,2}))?(?!\d)/;
const NAMED_VERSION_FIRST = /claude-(?<major>\d)(?:[-.](?<minor>\d))?-(?<family>[a-z]+)/;

const UP_TO_HIGH: readonly Effort[] = ['low', 'medium', 'high'];
const UP_TO_MAX: readonly Effort[] = [...UP_TO_HIGH, 'max'];
const ALL: readonly Effort[] = [...UP_TO_HIGH, 'xhigh', 'max'];
/** Families that can't be told not to think. */
const THINKERS: readonly string[] = ['fable', 'mythos'];

/** A model that is newer than this list is taken to be as the newest on it. */
export const modelFacts = (model: string): ModelFacts => {
  const { family = '', major, minor = '0' } = (NAMED_FAMILY_FIRST.exec(model) ?? NAMED_VERSION_FIRST.exec(model))?.groups ?? {};
  if (major === undefined) return UNKNOWN;
  const version = Number(major) * 100 + Number(minor);
  if (version >= 505 || THINKERS.includes(family)) return { maxOutputTokens: 128_000, efforts: ALL, thinking: 'always' };
  if (version >= 500) return { maxOutputTokens: 128_000, efforts: ALL, thinking: 'on' };
  if (version >= 407) return { maxOutputTokens: 128_000, efforts: ALL, thinking: 'off' };
  if (version === 406) return { maxOutputTokens: 128_000, efforts: UP_TO_MAX, thinking: 'off' };
  const old = { efforts: [], thinking: 'never' } as const;
  if (version === 405) return { ...old, maxOutputTokens: 64_000, efforts: family === 'opus' ? UP_TO_HIGH : [] };
  if (version >= 400) return { ...old, maxOutputTokens: family === 'opus' ? 32_000 : 64_000 };
  if (version === 307) return { ...old, maxOutputTokens: 64_000 };
  return { ...old, maxOutputTokens: version === 305 ? 8_192 : 4_096 };
};
