import { present } from '../../domain/shared/present.ts';
import { makeThinkingFilter } from '../../ports/adapter-kit/thinking-filter.ts';
import { MAX_REPLY_LENGTH } from '../../ports/language-model.ts';
import type { ReaderOptions } from './api.ts';

/** The text of a reply, without what the model thought aloud, passed on as it comes; no longer than any may be. */
export const makeSpokenText = ({ onEvent, beginsInThought }: Pick<ReaderOptions, 'onEvent' | 'beginsInThought'>) => {
  let text = '';
  const thinking = makeThinkingFilter({
    ...present({ beginsInThought }),
    say: (said) => {
      const more = said.slice(0, MAX_REPLY_LENGTH - text.length);
      if (more === '') return;
      text += more;
      onEvent({ type: 'text', text: more });
    },
    takeBack: () => {
      if (text !== '') onEvent({ type: 'restart' });
      text = '';
    },
  });
  return {
    read: thinking.read,
    end: thinking.end,
    beganInThought: thinking.beganInThought,
    get text(): string {
      return text;
    },
    /** Its text is as long as any may be: nothing more of it is of use. */
    isFull: (): boolean => text.length >= MAX_REPLY_LENGTH,
  };
};
