import { type EventOf, type KeptEvent, present } from '../../domain/index.ts';
import { ERROR_TYPE, GEN_AI, KEPT, modelOf, OPERATIONS } from './conventions.ts';
import type { Span } from './span.ts';
import { usageAttributes } from './work-spans.ts';

export type EventSpan = Pick<Span, 'name' | 'kind' | 'attributes' | 'isError'> & { readonly durationMs: number };

/** The spans of events that tell of something that took time; each ends as its event comes. */
const EVENT_SPANS: { readonly [Type in KeptEvent['type']]?: (event: EventOf<Type>) => EventSpan } = {
  'model-responded': (event) => ({
    ...chat(event.reference),
    attributes: {
      ...chat(event.reference).attributes,
      [GEN_AI.requestModel]: modelOf(event.reference).model,
      [GEN_AI.responseModel]: modelOf(event.model).model,
      [GEN_AI.agent]: event.agent,
      [GEN_AI.conversation]: event.chatId,
      [GEN_AI.finishReasons]: [event.stop],
      [KEPT.toolCalls]: event.toolCalls,
      ...usageAttributes(event.usage),
    },
    isError: false,
    durationMs: event.durationMs,
  }),
  'model-failed': (event) => ({
    ...chat(event.model),
    attributes: {
      ...chat(event.model).attributes,
      [GEN_AI.requestModel]: modelOf(event.model).model,
      [ERROR_TYPE]: event.code,
    },
    isError: true,
    durationMs: event.durationMs,
  }),
  'tool-called': (event) => {
    // A name that a model made up says nothing, and could be anything.
    const tool = event.outcome === 'unknown-tool' ? 'unknown' : event.tool;
    return {
      name: `${OPERATIONS.tool} ${tool}`,
      kind: 'internal',
      attributes: {
        [GEN_AI.operation]: OPERATIONS.tool,
        [GEN_AI.tool]: tool,
        [GEN_AI.toolType]: 'function',
        [GEN_AI.conversation]: event.chatId,
        [KEPT.outcome]: event.outcome,
        ...present({ [GEN_AI.agent]: event.agent, [KEPT.workspace]: event.workspace }),
        ...(event.isError ? { [ERROR_TYPE]: event.outcome } : {}),
      },
      isError: event.isError,
      durationMs: event.durationMs,
    };
  },
  'coding-run-ended': (event) => ({
    name: `${OPERATIONS.agent} ${event.agent}`,
    kind: 'client',
    attributes: {
      [GEN_AI.operation]: OPERATIONS.agent,
      [GEN_AI.agent]: event.agent,
      [GEN_AI.conversation]: event.chatId,
      [KEPT.promise]: event.promiseId,
      [KEPT.outcome]: event.stop,
    },
    isError: event.stop === 'refused',
    durationMs: event.durationMs,
  }),
  'commit-ended': (event) => ({
    name: `commit ${event.what}`,
    kind: 'client',
    attributes: { [KEPT.outcome]: event.outcome, ...(event.outcome === 'failed' ? { [ERROR_TYPE]: 'storage' } : {}) },
    isError: event.outcome === 'failed',
    durationMs: event.durationMs,
  }),
  'gateway-called': (event) => ({
    name: `send ${event.gateway}`,
    kind: 'client',
    attributes: {
      [KEPT.gateway]: event.gateway,
      [KEPT.outcome]: event.outcome,
      ...(event.outcome === 'sent' ? {} : { [ERROR_TYPE]: event.code ?? 'rate-limited' }),
    },
    isError: event.outcome !== 'sent',
    durationMs: event.durationMs,
  }),
};

export const isSpan = ({ type }: KeptEvent): boolean => EVENT_SPANS[type] !== undefined;

/** The span that an event tells of, where `isSpan`. */
export const spanOf = (event: KeptEvent): EventSpan | undefined => EVENT_SPANS[event.type]?.(event as never);

const chat = (name: string): Pick<Span, 'name' | 'kind' | 'attributes'> => {
  const { model, maker } = modelOf(name);
  return {
    name: `${OPERATIONS.chat} ${model}`,
    kind: 'client',
    attributes: { [GEN_AI.operation]: OPERATIONS.chat, ...present({ [GEN_AI.provider]: maker }) },
  };
};
