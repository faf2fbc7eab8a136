import type { PromiseStatus } from '../../domain/promise/promise.ts';
import type { Topic } from './small-talk.ts';

/**
 * What the rehearsal model understands. `docs/reference/rehearsal.md` is its description for people, tested against
 * this.
 */
export type Request =
  | { readonly kind: 'background'; readonly tasks: readonly string[] }
  | { readonly kind: 'later'; readonly at: string; readonly tasks: readonly string[] }
  | { readonly kind: 'schedule'; readonly cron: string; readonly task: string }
  | { readonly kind: 'count'; readonly marker: string; readonly path?: string }
  | { readonly kind: 'search'; readonly term: string; readonly isPattern: boolean; readonly path?: string }
  | { readonly kind: 'list-files'; readonly path?: string }
  | { readonly kind: 'read-file'; readonly path: string }
  | { readonly kind: 'list-promises'; readonly status?: PromiseStatus }
  | { readonly kind: 'find-promise'; readonly id: number }
  | { readonly kind: 'cancel-promise'; readonly id: number }
  | { readonly kind: 'list-schedules' }
  | { readonly kind: 'cancel-schedule'; readonly id: number }
  /** A question about the entries of the workspace's Notion database. */
  | { readonly kind: 'ask-notion'; readonly question: string }
  /** The tool and its arguments as they were written. */
  | { readonly kind: 'use-tool'; readonly tool: string; readonly input: Readonly<Record<string, unknown>> }
  | { readonly kind: 'write'; readonly characters: number; readonly slowly: boolean }
  | { readonly kind: 'count-to'; readonly to: number; readonly slowly: boolean }
  /** `what` with the word before it: `to stretch`. */
  | { readonly kind: 'remind'; readonly what: string }
  | { readonly kind: 'claim'; readonly again: boolean }
  | { readonly kind: 'small-talk'; readonly topic: Topic }
  | { readonly kind: 'help' }
  /** It is known what is meant, and it can't be done as it was said. */
  | { readonly kind: 'refused'; readonly answer: string }
  | { readonly kind: 'unknown' };
