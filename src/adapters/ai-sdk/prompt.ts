import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import type { Media } from '../../domain/conversation/media.ts';
import { inputObject, isBlank, makeSpoken, modelConversation } from '../../domain/conversation/model-conversation.ts';
import { present } from '../../domain/shared/present.ts';
import { declaredTools, wholeSchema } from '../../ports/adapter-kit/declared-tools.ts';
import { mediaName, pictureLabel, type Shown, shownMedia, TEXTS_IN_WORDS, type Unshown } from '../../ports/adapter-kit/shown-media.ts';
import type { ModelRequest } from '../../ports/language-model.ts';
import type { AssistantPart, CallOptions, CallPart, FilePart, Message, ResultPart, TextPart } from './spec.ts';

type AgentStep = Extract<ConversationStep, { role: 'agent' }>;

/** A request as the specification has it; `name` is that of the model, whose own parts go back to it as they came. */
export const toOptions = (
  request: ModelRequest,
  name: string,
  abortSignal: AbortSignal,
  unshown: Unshown = TEXTS_IN_WORDS,
): CallOptions => {
  const { tools, toolChoice } = declaredTools(request);
  return {
    prompt: toPrompt(request.instructions, request.conversation, name, unshown),
    maxOutputTokens: request.maxOutputTokens,
    ...present({ reasoning: request.effort, toolChoice: toolChoice && { type: toolChoice } }),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map((tool) => ({
            type: 'function' as const,
            name: tool.name,
            description: tool.description,
            inputSchema: wholeSchema(tool),
          })),
        }),
    abortSignal,
  };
};

/** Anthropic's models cache up to such a message; other providers don't read it. */
const CACHE_POINT = { providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } } } as const;

/**
 * A conversation as every provider takes it: a person is first and last, roles alternate but for the results of tools,
 * nothing is empty. Steps that are added change nothing before them but the cache points.
 */
export const toPrompt = (
  instructions: string,
  steps: readonly ConversationStep[],
  name: string,
  unshown: Unshown = TEXTS_IN_WORDS,
): Message[] => {
  const conversation = modelConversation(steps);
  const spoken = makeSpoken(conversation);
  const ids = makeCallIds();
  const messages: Message[] = isBlank(instructions) ? [] : [{ role: 'system', content: instructions, ...CACHE_POINT }];
  const say = (text: string, media: readonly Shown[] = []): void => {
    const parts = [...media.flatMap(mediaParts), { type: 'text' as const, text }];
    const last = messages.at(-1);
    // Mistral takes no person right behind a tool.
    if (last?.role === 'tool') messages.push({ role: 'assistant', content: [{ type: 'text', text: '(No answer was given.)' }] });
    if (last?.role === 'user') last.content.push(...parts);
    else messages.push({ role: 'user', content: parts });
  };
  const addResult = (result: ResultPart): void => {
    const last = messages.at(-1);
    if (last?.role === 'tool') last.content.push(result);
    else messages.push({ role: 'tool', content: [result] });
  };
  if (conversation[0]?.role !== 'person') say('(What was said before is not shown.)');
  for (const step of conversation) {
    if (step.role === 'person') say(spoken(step), shownMedia(step.media, unshown));
    else if (step.role === 'tool') addResult(resultOf(ids.of(step.callId), step));
    else {
      if (messages.at(-1)?.role === 'assistant') say(GO_ON);
      const { parts, unrun } = ids.claim(step, ownParts(step, name) ?? partsOf(step));
      messages.push({ role: 'assistant', content: parts });
      for (const call of unrun) addResult(resultOf(call.toolCallId, { tool: call.toolName, output: 'Not run.', isError: true }));
    }
  }
  // A model that is asked behind its own words would go on with them, or refuse.
  if (messages.at(-1)?.role === 'assistant') say(GO_ON);
  const last = messages.findLastIndex(({ role }) => role === 'user' || role === 'tool');
  return messages.map((message, at) => (at === last ? { ...message, ...CACHE_POINT } : message));
};

const mediaParts = (media: Shown): readonly (TextPart | FilePart)[] => {
  switch (media.kind) {
    case 'picture':
      return [{ type: 'text', text: pictureLabel(media) }, filePart(media, media.type)];
    case 'pdf':
      return [filePart(media, 'application/pdf')];
    case 'text':
      throw new TypeError('a text is told in words');
    case 'words':
      return [{ type: 'text', text: media.text }];
  }
};

const filePart = (media: Exclude<Media, { kind: 'text' }>, mediaType: string): FilePart => ({
  type: 'file',
  filename: mediaName(media),
  data: { type: 'data', data: media.base64 },
  mediaType,
});

const GO_ON = '(Go on.)';

/** What this model attached to the step, where each call that is kept of it has its part there. */
const ownParts = ({ attached, toolCalls }: AgentStep, name: string): readonly AssistantPart[] | undefined => {
  if (attached?.by !== name || toolCalls.length === 0) return undefined;
  const parts = attached.content as readonly AssistantPart[];
  return parts.filter(isCall).length < toolCalls.length ? undefined : parts;
};

const partsOf = ({ text, toolCalls }: AgentStep): readonly AssistantPart[] => [
  ...(isBlank(text) ? [] : [{ type: 'text' as const, text }]),
  ...toolCalls.map(({ id, tool, input }) => ({
    type: 'tool-call' as const,
    toolCallId: id,
    toolName: tool,
    input: inputObject(input),
  })),
];

const isCall = (part: AssistantPart): part is CallPart => part.type === 'tool-call';

/** Under which id each call is sent: its model's own in what goes back as it came, where no other call has it. */
const makeCallIds = () => {
  const used = new Set<string>();
  let current = new Map<string, string>();
  return {
    of: (callId: string): string => current.get(callId) ?? callId,
    /** The parts of the step, and those calls among them that the step knows nothing of: they were not run. */
    claim(step: AgentStep, parts: readonly AssistantPart[]): { readonly parts: AssistantPart[]; readonly unrun: readonly CallPart[] } {
      current = new Map();
      const unrun: CallPart[] = [];
      let at = 0;
      const claimed = parts.map((part): AssistantPart => {
        if (!isCall(part)) return part;
        const call = step.toolCalls[at++];
        const wanted = [part.toolCallId, ...(call ? [call.id] : [])].find((id) => id !== '' && !used.has(id));
        const own = { ...part, toolCallId: wanted ?? `unrun${used.size + 1}`, toolName: part.toolName || (call?.tool ?? 'unnamed') };
        used.add(own.toolCallId);
        if (call) current.set(call.id, own.toolCallId);
        else unrun.push(own);
        return own;
      });
      return { parts: claimed, unrun };
    },
  };
};

const resultOf = (
  toolCallId: string,
  { tool, output, isError }: { readonly tool: string; readonly output: string; readonly isError: boolean },
): ResultPart => ({
  type: 'tool-result',
  toolCallId,
  toolName: tool,
  output: { type: isError ? 'error-text' : 'text', value: isBlank(output) ? '(no output)' : output },
});
