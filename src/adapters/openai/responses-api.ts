import { APIError } from 'openai';
import type { ResponseCreateParamsStreaming } from 'openai/resources/responses/responses';
import { present } from '../../domain/shared/present.ts';
import { wellFormed } from '../../domain/shared/well-formed.ts';
import { declaredTools, wholeSchema } from '../../ports/adapter-kit/declared-tools.ts';
import { TEXTS_IN_WORDS } from '../../ports/adapter-kit/shown-media.ts';
import type { OpenAiApi, Question } from './api.ts';
import { type Dialect, effortFor, limitFor } from './dialect.ts';
import { charactersOf } from './media-parts.ts';
import { asFields, asList } from './read-by-type.ts';
import { toResponsesInput } from './responses-input.ts';
import { makeResponsesReader } from './responses-reply.ts';

/**
 * Responses (https://platform.openai.com/docs/api-reference/responses), where reasoning models keep what they thought
 * between calls of tools. Nothing is stored at the server: thoughts come encrypted, and go back within the run.
 */
export const responsesApi: OpenAiApi = {
  dialect: { limitNames: [], omitted: [], unshown: TEXTS_IN_WORDS },
  ask: (client, question, options) => client.responses.create(wellFormed(paramsOf(question)), options).asResponse(),
  sent: (question) => {
    const { max_output_tokens: limit, reasoning, input, tools, model: _, instructions: __, ...optional } = paramsOf(question);
    return {
      names: [
        ...Object.keys(optional),
        ...(limit === undefined ? [] : ['max_output_tokens']),
        // What a refusal says of it is the same as over Chat Completions.
        ...(reasoning === undefined ? [] : ['reasoning_effort']),
        ...(tools === undefined ? [] : ['tools']),
      ],
      limit: limit ?? undefined,
      characters: charactersOf({ input, tools }),
      hasNull: false,
      // What is refused of the thoughts in it goes by the run, and not by the server.
      hasSpoken: false,
    };
  },
  partAt: (question, item, part) => {
    const { input } = paramsOf(question);
    return asList(asFields(asList(input)[item])?.content)[part];
  },
  makeReader: makeResponsesReader,
};

/** A server that speaks Chat Completions alone: it has no such address, or says so. */
export const lacksResponses = (error: unknown): boolean => {
  if (!(error instanceof APIError)) return false;
  const { status, code, message } = error;
  if (status === 404) return code !== 'model_not_found' && !/\bmodel\b/i.test(message) && NO_ADDRESS.test(message);
  return status === 405 || status === 501 || (status === 400 && NOT_SPOKEN.test(message));
};
const NO_ADDRESS = /\b(?:not found|no such|invalid url|unknown|cannot post|no route|no body|endpoint|path)\b/i;
const NOT_SPOKEN = /\bresponses\b.{0,40}\b(?:api|endpoint|support)|\b(?:api|endpoint|support)\w*\b.{0,40}\bresponses\b/i;

/** The API takes no less. */
const MIN_LIMIT = 16;

const paramsOf = ({ model, name, request, dialect }: Question): ResponseCreateParamsStreaming => {
  const { tools, toolChoice } = dialect.withoutTools ? { tools: [] } : declaredTools(request);
  const asked = {
    input: toResponsesInput(request.conversation, name, dialect.withoutTools ? 'without tools' : 'with tools', dialect.unshown),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map((tool) => ({
            type: 'function' as const,
            name: tool.name,
            description: tool.description,
            parameters: wholeSchema(tool),
            // The API's default changes schemas, and refuses many.
            strict: false,
          })),
        }),
  };
  const effort = effortFor(dialect, request.effort, tools.length > 0);
  const params: ResponseCreateParamsStreaming = {
    model,
    stream: true,
    store: false,
    include: ['reasoning.encrypted_content'],
    ...(request.instructions.trim() === '' ? {} : { instructions: request.instructions }),
    max_output_tokens: Math.max(MIN_LIMIT, limitFor(dialect, request.maxOutputTokens, charactersOf(asked))),
    ...present({ reasoning: effort && { effort } }),
    ...asked,
    ...present({ tool_choice: toolChoice }),
  };
  return without(params, dialect);
};

const without = (params: ResponseCreateParamsStreaming, { omitted }: Dialect): ResponseCreateParamsStreaming => {
  const left = new Set(omitted.map((name) => (name === 'reasoning_effort' ? 'reasoning' : name)));
  return Object.fromEntries(Object.entries(params).filter(([name]) => !left.has(name))) as typeof params;
};
