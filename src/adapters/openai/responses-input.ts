import type { ResponseInputContent, ResponseInputItem } from 'openai/resources/responses/responses';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { inputObject, isBlank, makeSpoken, modelConversation } from '../../domain/conversation/model-conversation.ts';
import { type Shown, shownMedia, TEXTS_IN_WORDS, type Unshown } from '../../ports/adapter-kit/shown-media.ts';
import { SAY_SO, toolContent, withoutCalls } from './conversation.ts';
import { responsesParts } from './media-parts.ts';
import { asFields, asText, type Fields } from './read-by-type.ts';

type AgentStep = Extract<ConversationStep, { role: 'agent' }>;

/** Who attached what goes back over this API: over the other one, the same model wants another form. */
export const responsesMark = (name: string): string => `${name} over Responses`;

/**
 * A conversation as the Responses API takes it. The items of a reply go back as they came, each thought before what it
 * was thought for; every call has its one result. Steps that are added change nothing before them.
 */
export const toResponsesInput = (
  steps: readonly ConversationStep[],
  name: string,
  tools: 'with tools' | 'without tools' = 'with tools',
  unshown: Unshown = TEXTS_IN_WORDS,
): ResponseInputItem[] => {
  const conversation = modelConversation(tools === 'with tools' ? steps : withoutCalls(steps));
  const spoken = makeSpoken(conversation);
  const ids = makeCallIds();
  const items: ResponseInputItem[] = tools === 'with tools' ? [] : [{ role: 'developer', content: SAY_SO }];
  if (conversation[0]?.role !== 'person') items.push({ role: 'user', content: '(What was said before is not shown.)' });
  for (const step of conversation) {
    if (step.role === 'person') items.push({ role: 'user', content: contentOf(shownMedia(step.media, unshown), spoken(step)) });
    else if (step.role === 'tool') items.push({ type: 'function_call_output', call_id: ids.of(step.callId), output: toolContent(step) });
    else items.push(...ids.claim(step, ownItems(step, responsesMark(name))));
  }
  if (conversation.at(-1)?.role === 'agent') items.push({ role: 'user', content: '(Go on.)' });
  return items;
};

const contentOf = (media: readonly Shown[], text: string): string | ResponseInputContent[] =>
  media.length === 0 ? text : [...media.flatMap(responsesParts), { type: 'input_text', text }];

/** What this model attached to the step, where each call that is kept of it has its item there. */
const ownItems = ({ attached, toolCalls }: AgentStep, mark: string): readonly Fields[] | undefined => {
  if (attached?.by !== mark || toolCalls.length === 0) return undefined;
  const items = attached.content as readonly Fields[];
  return items.filter(isCall).length < toolCalls.length ? undefined : items;
};

const isCall = (item: Fields): boolean => item.type === 'function_call';

/** Under which id each call is sent: its model's own in what goes back as it came, where no other call has it. */
const makeCallIds = () => {
  const used = new Set<string>();
  let current = new Map<string, string>();
  const take = (...wanted: readonly string[]): string => {
    let id = wanted.find((one) => one !== '' && one.length <= MAX_ID && !used.has(one));
    for (let n = used.size + 1; id === undefined; n++) if (!used.has(`call_${n}`)) id = `call_${n}`;
    used.add(id);
    return id;
  };
  return {
    of: (callId: string): string => current.get(callId) ?? callId,
    /** The items of the step, and a result for each call in them that the step knows nothing of: it was not run. */
    claim(step: AgentStep, own: readonly Fields[] | undefined): readonly ResponseInputItem[] {
      current = new Map();
      if (!own) {
        for (const { id } of step.toolCalls) current.set(id, take(id));
        return itemsOf(step, (id) => current.get(id) ?? id);
      }
      const unrun: ResponseInputItem[] = [];
      let at = 0;
      const items = own.map((item) => {
        if (!isCall(item)) return item;
        const call = step.toolCalls[at++];
        const id = take(asText(item.call_id) ?? '', ...(call ? [call.id] : []));
        if (call) current.set(call.id, id);
        else unrun.push({ type: 'function_call_output', call_id: id, output: 'Error: Not run.' });
        return { ...item, call_id: id };
      });
      return [...(items as unknown as ResponseInputItem[]), ...unrun];
    },
  };
};
const MAX_ID = 64;

const itemsOf = ({ text, toolCalls }: AgentStep, idOf: (id: string) => string): readonly ResponseInputItem[] => [
  ...(isBlank(text) ? [] : [{ role: 'assistant' as const, content: text }]),
  ...toolCalls.map(({ id, tool, input }) => ({
    type: 'function_call' as const,
    call_id: idOf(id),
    name: tool,
    arguments: JSON.stringify(inputObject(input)),
  })),
];

/** Items of a reply as they go back: those of other types, which Kept never asks for, are left out. */
export const returnedItems = (items: readonly Fields[]): readonly Fields[] | undefined => {
  const kept = items.filter(({ type }) => KEPT.has(String(type))).map(asReturned);
  return kept.some(({ type }) => type === 'reasoning') ? kept : undefined;
};
const KEPT: ReadonlySet<string> = new Set(['reasoning', 'message', 'function_call']);

/** Arguments that are no object in JSON are refused by the API that wrote them. */
const asReturned = (item: Fields): Fields => {
  if (!isCall(item)) return item;
  const text = asText(item.arguments) ?? '';
  try {
    if (asFields(JSON.parse(text))) return item;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { ...item, arguments: JSON.stringify(text.trim() === '' ? {} : inputObject(text)) };
};
