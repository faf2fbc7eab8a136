import type { RunStep } from '../../src/domain/agent/run-step.ts';
import { NO_USAGE, type Usage } from '../../src/domain/index.ts';
import { START } from '../../src/testing/index.ts';

/** What a reply used that was given so many tokens, and wrote none. */
export const usageOf = (inputTokens: number): Usage => ({ ...NO_USAGE, inputTokens });

type ModelStep = Extract<RunStep, { kind: 'model' }>;

/** A reply of a model at `START`, empty and without calls, unless told otherwise. */
export const buildModelStep = (overrides: Partial<Omit<ModelStep, 'kind'>> = {}): ModelStep => ({
  kind: 'model',
  at: START,
  durationMs: 1,
  model: 'scripted-1',
  usage: NO_USAGE,
  stop: 'end',
  text: '',
  calls: [],
  ...overrides,
});
