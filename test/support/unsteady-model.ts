import { type ChatReply, type ChatRequest, openChatPeer } from '../fakes/openai/peer.ts';

/** How a server of Chat Completions treats one request: with words, a refusal, or silence behind its headers. */
export type Treatment =
  | { readonly words: string }
  | { readonly declines: string }
  | { readonly status: number; readonly error: object; readonly headers?: Readonly<Record<string, string>> }
  /** Streams these words, then nothing more. */
  | { readonly hangsAfter: string };

/** All that people and tools said in a request, without its instructions. */
export const saidIn = ({ messages }: Pick<ChatRequest, 'messages'>): string =>
  messages.flatMap(({ role, content }) => (role === 'system' ? [] : [String(content ?? '')])).join('\n');

const chunk = (delta: object, finish_reason: string | null = null): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'unsteady',
  choices: [{ index: 0, delta, finish_reason }],
});
const END = [chunk({}, 'stop'), { ...chunk({}), choices: [], usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 } }];

const replyOf = (treatment: Treatment): ChatReply => {
  if ('status' in treatment) return treatment;
  if ('declines' in treatment) return [chunk({ role: 'assistant', refusal: treatment.declines }), ...END];
  if ('words' in treatment) return [chunk({ role: 'assistant', content: treatment.words }), ...END];
  const { hangsAfter } = treatment;
  return { hangsAfter: hangsAfter === '' ? [] : [chunk({ role: 'assistant', content: hangsAfter })] };
};

/** A server that speaks Chat Completions as strictly as the API, and treats each request as it is told. */
export const openUnsteadyModel = (treat: (request: ChatRequest, nth: number) => Treatment) =>
  openChatPeer((request, nth) => replyOf(treat(request, nth)));
