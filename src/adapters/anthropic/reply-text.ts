import { makeThinkingFilter } from '../../ports/adapter-kit/thinking-filter.ts';
import { MAX_REPLY_LENGTH, type ModelEvent } from '../../ports/language-model.ts';

/** The text of a reply, passed on as it comes, up to the longest that any may be. */
export interface ReplyText {
  say(text: string | undefined): void;
  /** `isCut`: the model did not come to its end. */
  end(isCut: boolean): void;
  text(): string;
  /** More of it is of no use. */
  isFull(): boolean;
}

/** `without thoughts`: what its model thinks stands in the text, between tags, and is left out. */
export const makeReplyText = (onEvent: (event: ModelEvent) => void, texts: 'as they come' | 'without thoughts'): ReplyText => {
  let text = '';
  const pass = (said: string): void => {
    const more = said.slice(0, MAX_REPLY_LENGTH - text.length);
    if (more === '') return;
    text += more;
    onEvent({ type: 'text', text: more });
  };
  const takeBack = (): void => {
    if (text !== '') onEvent({ type: 'restart' });
    text = '';
  };
  const filter = texts === 'as they come' ? { read: pass, end: () => undefined } : makeThinkingFilter({ say: pass, takeBack });
  return {
    say: (said) => filter.read(said ?? ''),
    end: (isCut) => filter.end(isCut),
    text: () => text,
    isFull: () => text.length >= MAX_REPLY_LENGTH,
  };
};
