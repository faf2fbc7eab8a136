import { APIError } from 'openai';
import { NO_USAGE, type Usage } from '../../domain/conversation/turn.ts';
import { beginningOf, excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { MAX_CALLS_READ, type ModelReply } from '../../ports/language-model.ts';
import { PortError } from '../../ports/port-error.ts';
import type { ReaderOptions, StreamReader } from './api.ts';
import { type ApiErrorBody, apiErrorOf } from './api-error.ts';
import { makeCallReader } from './calls.ts';
import { readChunk } from './chunk.ts';
import { asCount, asFields, asList, asText, type Fields } from './read-by-type.ts';
import { usageOf } from './reply.ts';
import { responsesMark, returnedItems } from './responses-input.ts';
import { makeSpokenText } from './spoken-text.ts';

/** What a model says of its own refusal, as much as is told. */
const MAX_REFUSAL_LENGTH = 300;

/** Codes of failed responses that decline what was asked. */
const POLICY = /_policy(?:_violation)?$/;

/**
 * Puts a reply together from the events of the Responses API, and passes its text on as it comes. Events of a type that
 * is not known here are signs of life. A whole response in place of a stream is read as its end.
 */
export const makeResponsesReader = (options: ReaderOptions): StreamReader => {
  const { who } = options;
  const items = new Map<number, Fields>();
  let { model } = options;
  let refusal = '';
  /** The item that the text came from last: texts of several stand apart. */
  let speaker: unknown;
  let usage: Usage = NO_USAGE;
  /** The response at its end. */
  let last: Fields | undefined;

  const spoken = makeSpokenText(options);
  const malformed = (what: string): PortError => new PortError('malformed-reply', `${who} ${what}`, { retryable: true });

  const say = (said: string, from: unknown): void => {
    if (said === '') return;
    if (speaker !== undefined && speaker !== from && spoken.text !== '') spoken.read('\n\n');
    speaker = from;
    spoken.read(said);
  };

  const head = (response: Fields): void => {
    model = asText(response.model) || model;
    if (asFields(response.usage)) usage = usageOf(readChunk(response).counts);
  };

  const end = (response: Fields): void => {
    head(response);
    const error = asFields(response.error);
    if (response.status === 'failed' || error) throw failureOf(apiErrorOf(error ?? response));
    last = response;
    // The response at its end holds all items; some servers hold them in their own events alone.
    for (const [n, item] of asList(response.output).entries()) keepItem(n, item);
    if (speaker === undefined && refusal === '') for (const [n, item] of items) readContent(item, n);
  };

  const keepItem = (index: number, item: unknown): void => {
    const fields = asFields(item);
    if (fields && items.size < MAX_CALLS_READ) items.set(index, fields);
  };

  /** The text of an item that came without its parts. */
  const readContent = (item: Fields, index: number): void => {
    if (item.type !== 'message') return;
    for (const part of asList(item.content)) {
      const fields = asFields(part) ?? {};
      if (fields.type === 'output_text') say(asText(fields.text) ?? '', index);
      if (fields.type === 'refusal') decline(asText(fields.refusal) ?? '');
    }
  };

  const decline = (words: string): void => {
    refusal = beginningOf(refusal + words, MAX_REFUSAL_LENGTH);
  };

  const inOrder = (): readonly Fields[] => [...items].toSorted(([one], [other]) => one - other).map(([, item]) => item);

  return {
    read(data): void {
      const event = asFields(data);
      if (!event) throw malformed('sent an event that is no object');
      const index = asCount(event.output_index) ?? 0;
      const response = asFields(event.response);
      const { type } = event;
      if (type === 'response.output_text.delta') say(asText(event.delta) ?? '', index);
      else if (type === 'response.refusal.delta') decline(asText(event.delta) ?? '');
      else if (type === 'response.output_item.done') keepItem(index, event.item);
      else if (ENDS.has(type) || (type === undefined && event.object === 'response')) end(response ?? event);
      else if (response) head(response);
    },
    /** The end of the stream ends no reply: its last event does. */
    end: () => undefined,
    isComplete: () => last !== undefined,
    isFull: () => last !== undefined || spoken.isFull(),
    beganInThought: spoken.beganInThought,
    hasSpoken: () => spoken.text !== '',
    usage: () => usage,
    declined: (why) => ({ text: spoken.text, toolCalls: [], stop: 'refusal', refusal: why, usage, model }),

    reply(): ModelReply {
      spoken.end(last?.status === 'incomplete');
      if (spoken.isFull()) return { text: spoken.text, toolCalls: [], stop: 'length', usage, model };
      if (!last) throw malformed('ended its stream before the reply was complete');
      const calls = makeCallReader();
      for (const [n, item] of inOrder().filter(isWholeCall).entries()) calls.add(partOf(n, item));
      const { stop, unknown } = endOf(last, { isDeclined: refusal !== '', hasCalls: calls.hasAny() });
      if (unknown !== undefined && spoken.text.trim() === '') throw malformed(`broke its reply off: ${unknown}`);
      if (unknown !== undefined) options.notice('unknown-finish', { model, reason: unknown });
      const content = stop === 'tool_calls' ? returnedItems(inOrder()) : undefined;
      return {
        text: spoken.text,
        toolCalls: stop === 'tool_calls' ? calls.calls() : [],
        stop,
        ...present({
          refusal: stop === 'refusal' ? refusal || 'content filter' : undefined,
          attached: content && { by: responsesMark(who), content },
        }),
        usage,
        model,
      };
    },
  };
};

/** How a response ends; `unknown`: a reason to be incomplete that is not known here. */
const endOf = (
  response: Fields,
  { isDeclined, hasCalls }: { readonly isDeclined: boolean; readonly hasCalls: boolean },
): { readonly stop: ModelReply['stop']; readonly unknown?: string } => {
  if (response.status !== 'incomplete') return { stop: isDeclined ? 'refusal' : hasCalls ? 'tool_calls' : 'end' };
  const reason = excerpt(asText(asFields(response.incomplete_details)?.reason) ?? 'none', 100);
  if (reason === 'content_filter') return { stop: 'refusal' };
  return /tokens$/.test(reason) ? { stop: 'length' } : { stop: 'length', unknown: reason };
};

/** Why a failed response declines what was asked; undefined for every other failure. */
export const policyIn = (error: unknown): string | undefined =>
  error instanceof APIError && typeof error.code === 'string' && POLICY.test(error.code) ? error.code.replaceAll('_', ' ') : undefined;

/** What is wrong with the server itself may pass; all else is wrong with the request. */
const failureOf = (told: ApiErrorBody): APIError => {
  const mayPass = told.code === undefined || PASSING.has(told.code);
  return new APIError(undefined, mayPass ? told : { ...told, type: 'invalid_request_error' }, undefined, new Headers());
};
const PASSING: ReadonlySet<unknown> = new Set(['server_error', 'rate_limit_exceeded', 'vector_store_timeout']);

const ENDS: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete', 'response.failed']);

/** A call that was cut is never run. */
const isWholeCall = ({ type, status }: Fields): boolean => type === 'function_call' && status !== 'incomplete' && status !== 'in_progress';

const partOf = (index: number, item: Fields) => ({
  index,
  id: asText(item.call_id) || asText(item.id) || undefined,
  tool: asText(item.name) || undefined,
  json: asText(item.arguments) ?? (item.arguments === undefined ? '' : JSON.stringify(item.arguments)),
});
