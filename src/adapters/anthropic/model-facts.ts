import type { Effort } from '../../domain/agent/agent.ts';
import { ALL_SHOWN, type Unshown } from '../../ports/adapter-kit/shown-media.ts';

/**
 * What the maker documents of a model: https://platform.claude.com/docs/en/about-claude/models/overview and
 * https://platform.claude.com/docs/en/build-with-claude/effort.
 */
export interface ModelFacts {
  /** False of a model of another name, behind a gateway or a server of one's own: it is asked for little. */
  readonly isKnown: boolean;
  /** Tokens of one reply, thoughts included. */
  readonly maxOutputTokens: number;
  /** What `output_config.effort` takes; empty: the model refuses the setting. */
  readonly efforts: readonly Effort[];
  /**
   * Whether it thinks adaptively: `always`, else `on` or `off` unless it is told otherwise; `never`: it needs a budget
   * for that, which is never given here.
   */
  readonly thinking: 'always' | 'on' | 'off' | 'never';
  /** The media that it does not take. */
  readonly unshown: Unshown;
}

const UNKNOWN: ModelFacts = { isKnown: false, maxOutputTokens: 8_192, efforts: [], thinking: 'never', unshown: ALL_SHOWN };
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
  const adaptive = { isKnown: true, maxOutputTokens: 128_000, unshown: ALL_SHOWN } as const;
  if (version >= 505 || THINKERS.includes(family)) return { ...adaptive, efforts: ALL, thinking: 'always' };
  if (version >= 500) return { ...adaptive, efforts: ALL, thinking: 'on' };
  if (version >= 407) return { ...adaptive, efforts: ALL, thinking: 'off' };
  if (version === 406) return { ...adaptive, efforts: UP_TO_MAX, thinking: 'off' };
  const efforts = version === 405 && family === 'opus' ? UP_TO_HIGH : [];
  // PDFs came with 3.5: https://platform.claude.com/docs/en/build-with-claude/pdf-support
  const unshown = version < 305 ? NO_PDFS : ALL_SHOWN;
  return { isKnown: true, maxOutputTokens: oldMaximum(version, family), efforts, thinking: 'never', unshown };
};

const NO_PDFS: Unshown = { kinds: ['pdf'], items: [] };

const oldMaximum = (version: number, family: string): number => {
  if (version >= 400) return family === 'opus' && version < 405 ? 32_000 : 64_000;
  return version === 307 ? 64_000 : version === 305 ? 8_192 : 4_096;
};

/** The most that one reply may have. */
export const mostOutput = ({ model, maxOutputTokens }: { readonly model: string; readonly maxOutputTokens?: number }): number => {
  const facts = modelFacts(model);
  return facts.isKnown ? Math.min(facts.maxOutputTokens, maxOutputTokens ?? Infinity) : (maxOutputTokens ?? facts.maxOutputTokens);
};
