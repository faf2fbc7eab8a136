import { type ChatReply, type ChatRequest, openChatPeer } from '../fakes/openai/peer.ts';
import { chunk, endOf } from './openai-chunks.ts';

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

const END = endOf(100, 10);

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
