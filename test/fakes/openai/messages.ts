import { type Breaks, isRecord, TOOL_NAME } from './breaks.ts';
import { checkMediaPart } from './media.ts';
import type { ServerRules } from './servers.ts';

interface Call {
  readonly id: string;
  readonly extra_content?: unknown;
}
interface Message {
  readonly role: string;
  readonly content?: unknown;
  readonly reasoning_content?: unknown;
  readonly tool_calls?: readonly Call[];
  readonly tool_call_id?: unknown;
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  system: ['role', 'content', 'name'],
  developer: ['role', 'content', 'name'],
  user: ['role', 'content', 'name'],
  assistant: ['role', 'content', 'name', 'refusal', 'audio', 'tool_calls', 'function_call'],
  tool: ['role', 'content', 'tool_call_id'],
};

const THOUGHTS = ['reasoning_content', 'reasoning', 'reasoning_details'];

/** The rules for `messages`: each alone, then their order. */
export const checkMessages = (messages: unknown, server: ServerRules, breaks: Breaks): void => {
  if (!Array.isArray(messages) || messages.length === 0) {
    breaks('messages-present', 'messages is an array with at least one message');
    return;
  }
  const well = messages.filter((message, at): message is Message => checkMessage(message, `messages[${at}]`, server, breaks));
  // What is malformed has no order.
  if (well.length < messages.length) return;
  checkExchanges(well, breaks);
  if (server.rolesAlternate) checkTurns(well, breaks);
  if (server.modelAnswersTools) checkAnswered(well, breaks);
  if (server.wants === 'reasoning_content') checkThoughts(well, breaks);
  if (server.wants === 'thought_signature') checkSignatures(well, breaks);
};

const checkMessage = (message: unknown, at: string, server: ServerRules, breaks: Breaks): boolean => {
  if (!isRecord(message)) return breaks('message-object', `${at} is an object`);
  const fields = FIELDS[String(message.role)];
  if (!fields) return breaks('message-role', `${at}.role is system, developer, user, assistant or tool`);
  for (const field of Object.keys(message))
    if (server.refusesUnknown && !fields.includes(field) && !(server.takesThoughts && THOUGHTS.includes(field)))
      breaks('message-fields', `${at}.${field}: property is unsupported`);
  const calls = message.tool_calls;
  if (calls !== undefined) checkCalls(calls, `${at}.tool_calls`, server, breaks);
  const isLeftOut = message.content === null || message.content === undefined;
  if (isLeftOut && !(message.role === 'assistant' && calls !== undefined))
    breaks('content-present', `${at}.content is a text: only a message with tool calls may do without`);
  if (!isLeftOut) checkContent(message.content, `${at}.content`, String(message.role), server, breaks);
  if (message.role === 'tool' && typeof message.tool_call_id !== 'string') breaks('tool-call-id', `${at}.tool_call_id is a string`);
  return calls === undefined || Array.isArray(calls);
};

const checkContent = (content: unknown, at: string, role: string, server: ServerRules, breaks: Breaks): void => {
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : Array.isArray(content) ? content : [];
  if (parts.length === 0) breaks('content-text', `${at} is a text, or parts of text`);
  if (server.contentIsText && typeof content !== 'string') breaks('content-string', `${at} must be a string`);
  for (const [n, part] of parts.entries()) {
    const { type, text, ...others } = isRecord(part) ? part : {};
    if (type !== 'text' && type !== undefined && role === 'user') checkMediaPart({ type, ...others }, `${at}[${n}]`, server, breaks);
    else if (type !== 'text' || typeof text !== 'string') breaks('content-text', `${at} is a text, or parts of text`);
    else if (server.refusesBlank && text.trim() === '') breaks('content-blank', `${at} holds more than spaces`);
  }
};

const checkCalls = (calls: unknown, at: string, server: ServerRules, breaks: Breaks): void => {
  if (!Array.isArray(calls) || calls.length === 0) {
    breaks('calls-present', `${at} is an array with at least one call`);
    return;
  }
  for (const [n, call] of calls.entries()) {
    const { id, type, function: called, ...others } = isRecord(call) ? call : {};
    for (const field of Object.keys(others))
      if (server.refusesUnknown && !(server.takesThoughts && field === 'extra_content'))
        breaks('call-fields', `${at}[${n}].${field}: property is unsupported`);
    if (typeof id !== 'string' || !server.callIds.test(id)) breaks('call-id', `${at}[${n}].id matches ${server.callIds}`);
    if (type !== 'function') breaks('call-type', `${at}[${n}].type is function`);
    const { name, arguments: args } = isRecord(called) ? called : {};
    if (typeof name !== 'string' || !TOOL_NAME.test(name)) breaks('call-name', `${at}[${n}].function.name matches ${TOOL_NAME}`);
    if (!isObjectJson(args)) breaks('call-arguments', `${at}[${n}].function.arguments is an object in JSON, as a string`);
  }
};

const isObjectJson = (text: unknown): boolean => {
  if (typeof text !== 'string') return false;
  try {
    return isRecord(JSON.parse(text));
  } catch {
    return false;
  }
};

/** Every call is answered before the next message, once, and nothing else is. */
const checkExchanges = (messages: readonly Message[], breaks: Breaks): void => {
  const seen = new Set<string>();
  let open: string[] = [];
  for (const [n, message] of messages.entries()) {
    if (message.role === 'tool') {
      const answered = open.indexOf(String(message.tool_call_id));
      if (answered < 0) breaks('tool-answers-call', `messages[${n}] answers a call of the message before it`);
      else open.splice(answered, 1);
      continue;
    }
    if (open.length > 0) breaks('calls-answered', `calls are answered before messages[${n}]: ${open.join(', ')}`);
    open = (message.tool_calls ?? []).map(({ id }) => id);
    for (const id of open) {
      if (seen.has(id)) breaks('call-id-unique', `messages[${n}] has a call id that was there before: ${id}`);
      seen.add(id);
    }
  }
  if (open.length > 0) breaks('calls-answered', `calls are answered before the end: ${open.join(', ')}`);
};

const checkTurns = (messages: readonly Message[], breaks: Breaks): void => {
  const turns = messages.filter(({ role }) => role !== 'tool');
  for (const [n, { role }] of turns.entries()) {
    if (role === 'system' && n > 0) breaks('system-first', 'the system message is the first');
    const before = turns[n - 1];
    const isGoingOn = role === 'assistant' && before?.tool_calls !== undefined;
    if (before?.role === role && !isGoingOn) breaks('roles-alternate', `people and the model take turns: two of ${role}`);
  }
  if (turns.find(({ role }) => role !== 'system')?.role !== 'user') breaks('user-first', 'a person speaks first');
};

const checkAnswered = (messages: readonly Message[], breaks: Breaks): void => {
  for (const [n, { role }] of messages.entries())
    if (role === 'user' && messages[n - 1]?.role === 'tool')
      breaks('user-behind-tool', `messages[${n}]: unexpected role 'user' after role 'tool'`);
  const last = messages.at(-1)?.role;
  if (last !== 'user' && last !== 'tool') breaks('last-role', `expected last role User or Tool, but got ${last}`);
};

/** Where tools are called, every message of the model's brings what it thought. */
const checkThoughts = (messages: readonly Message[], breaks: Breaks): void => {
  if (!messages.some(({ tool_calls: calls }) => calls)) return;
  for (const [n, { role, reasoning_content: thought }] of messages.entries())
    if (role === 'assistant' && !(typeof thought === 'string' && thought !== ''))
      breaks('thought-returned', `messages[${n}]: The \`reasoning_content\` in the thinking mode must be passed back to the API.`);
};

/** The first call of each step since a person last spoke is signed. */
const checkSignatures = (messages: readonly Message[], breaks: Breaks): void => {
  const start = messages.findLastIndex(({ role }) => role === 'user');
  for (const { tool_calls: [call] = [] } of messages.slice(start + 1)) {
    const google = isRecord(call?.extra_content) && call.extra_content.google;
    if (call && !(isRecord(google) && typeof google.thought_signature === 'string' && google.thought_signature !== ''))
      breaks('signature-returned', 'Function call is missing a thought_signature in functionCall parts.');
  }
};
