import type { BrokenRule } from '../broken-rule.ts';
import { type Breaks, isRecord, TOOL_NAME } from './breaks.ts';
import { checkMessages } from './messages.ts';
import { OPENAI, type ServerRules } from './servers.ts';

const REASONING = /^(?:o\d|gpt-[5-9])/;
const NOT_REASONING = /^(?:gpt-[34]|chatgpt)/;
/** These have tools over Chat Completions without reasoning only. */
const TOOLS_WITHOUT_REASONING = /^gpt-(?:5\.[6-9]|[6-9])/;
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
/** What reasoning models refuse. */
const NOT_FOR_REASONING = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'logprobs', 'top_logprobs', 'logit_bias'];
const MAX_TOOLS = 128;
const MAX_DESCRIPTION = 1_024;

/**
 * The rules that a request to `POST /chat/completions` breaks, as OpenAI documents or answers them
 * (https://platform.openai.com/docs/api-reference/chat/create), and as `server` does where it is stricter.
 */
export const brokenRules = (body: unknown, server: ServerRules = OPENAI): readonly BrokenRule[] => {
  const broken: BrokenRule[] = [];
  const breaks: Breaks = (rule, message) => {
    broken.push({ rule, message });
    return false;
  };
  if (!isRecord(body)) {
    breaks('body-object', 'the body is an object in JSON');
    return broken;
  }
  checkParameters(body, server, breaks);
  checkLimit(body, server, breaks);
  if (body.tools !== undefined) checkTools(body.tools, breaks);
  checkMessages(body.messages, server, breaks);
  return broken;
};

const checkParameters = (body: Record<string, unknown>, server: ServerRules, breaks: Breaks): void => {
  const { model, tools, tool_choice: choice, reasoning_effort: effort } = body;
  const known = new Set([...server.optional, 'model', 'messages']);
  for (const name of Object.keys(body))
    if (server.refusesUnknown && !known.has(name)) breaks('parameter-known', `unrecognized request argument supplied: ${name}`);
  if (typeof model !== 'string' || model === '') breaks('model-present', 'model is a name');
  if (body.stream !== undefined && typeof body.stream !== 'boolean') breaks('stream-boolean', 'stream is true or false');
  if (body.stream_options !== undefined && body.stream !== true) breaks('stream-options', 'stream_options go with stream: true only');
  if (choice !== undefined && tools === undefined) breaks('choice-with-tools', 'tool_choice goes with tools only');
  if (typeof choice === 'string' && !['none', 'auto', 'required'].includes(choice))
    breaks('choice-known', 'tool_choice is none, auto, required or a function');
  if (body.parallel_tool_calls !== undefined && tools === undefined)
    breaks('parallel-with-tools', 'parallel_tool_calls goes with tools only');
  const hasCalls =
    Array.isArray(body.messages) && body.messages.some((message) => isRecord(message) && (message.tool_calls || message.role === 'tool'));
  if (server.callsNeedTools && hasCalls && tools === undefined) breaks('calls-need-tools', 'a conversation with tool calls needs tools=');
  if (server.limit !== 'by model' || typeof model !== 'string') return;
  const reasons = REASONING.test(model);
  for (const name of NOT_FOR_REASONING)
    if (reasons && body[name] !== undefined) breaks('reasoning-parameters', `${name} is not supported with ${model}`);
  if (effort !== undefined && (NOT_REASONING.test(model) || !EFFORTS.includes(String(effort))))
    breaks('effort-known', `reasoning_effort is not known to ${model}: ${effort}`);
  if (TOOLS_WITHOUT_REASONING.test(model) && tools !== undefined && effort !== 'none')
    breaks('tools-without-effort', `Function tools with reasoning_effort are not supported for ${model}: set reasoning_effort to 'none'`);
};

const checkLimit = (body: Record<string, unknown>, server: ServerRules, breaks: Breaks): void => {
  const { max_tokens: older, max_completion_tokens: newer } = body;
  if (older !== undefined && newer !== undefined) breaks('limit-once', 'max_tokens and max_completion_tokens are not set together');
  for (const limit of [older, newer])
    if (limit !== undefined && !(Number.isInteger(limit) && Number(limit) > 0))
      breaks('limit-positive', 'a limit is a whole number above 0');
  const isNewer = server.limit === 'by model' ? REASONING.test(String(body.model)) : server.limit === 'max_completion_tokens';
  if (isNewer && older !== undefined)
    breaks('limit-name', "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.");
  if (server.limit === 'max_tokens' && newer !== undefined) breaks('limit-name', 'max_completion_tokens: Extra inputs are not permitted');
};

const checkTools = (tools: unknown, breaks: Breaks): void => {
  if (!Array.isArray(tools) || tools.length === 0) {
    breaks('tools-present', 'tools is an array with at least one tool');
    return;
  }
  if (tools.length > MAX_TOOLS) breaks('tools-count', `there are at most ${MAX_TOOLS} tools`);
  const names = new Set<unknown>();
  for (const [n, tool] of tools.entries()) {
    const at = `tools[${n}]`;
    const { type, function: declared } = isRecord(tool) ? tool : {};
    if (type !== 'function' || !isRecord(declared)) {
      breaks('tool-function', `${at} has type function, and a function`);
      continue;
    }
    const { name, description, parameters } = declared;
    if (typeof name !== 'string' || !TOOL_NAME.test(name)) breaks('tool-name', `${at}.function.name matches ${TOOL_NAME}`);
    if (names.has(name)) breaks('tool-name-unique', `${at}.function.name stands there twice: ${name}`);
    names.add(name);
    if (typeof description === 'string' && description.length > MAX_DESCRIPTION)
      breaks('tool-description', `${at}.function.description has at most ${MAX_DESCRIPTION} characters, and has ${description.length}`);
    if (parameters !== undefined) checkSchema(parameters, `${at}.function.parameters`, breaks);
    for (const field of Object.keys(declared))
      if (!['name', 'description', 'parameters', 'strict'].includes(field)) breaks('tool-fields', `${at}.function.${field} is not known`);
  }
};

const checkSchema = (schema: unknown, at: string, breaks: Breaks): void => {
  if (!isRecord(schema) || schema.type !== 'object') {
    breaks('schema-object', `${at} is a JSON Schema of type object`);
    return;
  }
  if (!isRecord(schema.properties)) {
    breaks('schema-properties', `${at}: object schema missing properties`);
    return;
  }
  const names = Object.keys(schema.properties);
  const required = schema.required ?? [];
  if (!Array.isArray(required) || required.some((name) => !names.includes(name)))
    breaks('schema-required', `${at}.required names properties that are there`);
};
