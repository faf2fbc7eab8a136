import { openTraces } from '../../../src/adapters/opentelemetry/index.ts';
import { makeRedactor } from '../../../src/adapters/redaction/index.ts';
import { makeCorrelation, systemClock } from '../../../src/adapters/system/index.ts';
import { makeContent, makeEvents } from '../../../src/application/index.ts';
import { type KeptEvent, NO_USAGE } from '../../../src/domain/index.ts';
import type { Clock, WorkScope } from '../../../src/ports/index.ts';
import { telegramChat } from '../../../src/testing/index.ts';

export const chatId = telegramChat(501);
/** A secret that JSON writes otherwise. */
export const SECRET = 'a "secret"\nof two lines';
export const TRACE = 'ab'.repeat(16);
export const scope = (over: Partial<WorkScope> = {}): WorkScope => ({
  name: 'turn',
  correlationId: TRACE,
  spanId: '12'.repeat(8),
  ...over,
});

export const MODEL: KeptEvent = {
  type: 'model-responded',
  model: 'claude-x-20261101',
  reference: 'anthropic/claude-x',
  agent: 'baker',
  chatId,
  usage: { ...NO_USAGE, inputTokens: 7, cacheReadTokens: 100, outputTokens: 3 },
  stop: 'end',
  toolCalls: 0,
  durationMs: 25,
};

/** A clock whose timers run when they are told to. */
export const handClock = () => {
  const due = new Set<() => void>();
  const clock: Clock = {
    ...systemClock,
    after: (_ms, action) => {
      due.add(action);
      return () => due.delete(action);
    },
  };
  return {
    clock,
    waiting: () => due.size,
    run: (): void => {
      for (const action of [...due]) {
        due.delete(action);
        action();
      }
    },
  };
};

/** Traces of everything that is run in `correlation`, with what was told of them. */
export const openTracesTo = ({
  endpoint,
  clock = systemClock,
  hears = false,
  sampled = 1,
}: {
  readonly endpoint: string;
  readonly clock?: Clock;
  readonly hears?: boolean;
  readonly sampled?: number;
}) => {
  const correlation = makeCorrelation();
  const events = makeEvents();
  const content = makeContent();
  const told: (readonly [string, Readonly<Record<string, unknown>>])[] = [];
  const traces = openTraces({
    endpoint,
    headers: { 'x-api-key': 'the key of tests' },
    version: '9.9.9',
    role: 'worker',
    resource: { 'deployment.environment.name': 'test' },
    sampled,
    correlation,
    on: events.on,
    ...(hears ? { content: { on: content.on, redact: makeRedactor([SECRET]) } } : {}),
    clock,
    notice: (notice, facts) => told.push([notice, facts]),
  });
  return { correlation, events, content, told, traces };
};

/** Work of `count` spans, and how long it took. */
export const work = ({ correlation, events }: ReturnType<typeof openTracesTo>, count: number): number => {
  const begin = performance.now();
  for (let i = 0; i < count; i++) correlation.run(scope(), () => events.emit(MODEL));
  return performance.now() - begin;
};
