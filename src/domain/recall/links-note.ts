import { type ConversationStep, noteOf } from '../conversation/conversation.ts';
import { plural } from '../shared/plural.ts';
import { MAX_LINKS } from './link.ts';

const SAVED = 'saved already, and can be found with search_links; say so in a few words.';

/**
 * Tells a model that links were saved with the messages that brought them: `count` of the `asked` ones, and that `left`
 * of their links were not.
 */
export const linksNote = (count: number, asked: number, left = 0): ConversationStep => {
  const which = asked === 1 ? 'this message is' : `${count} of these messages ${count === 1 ? 'is' : 'are'}`;
  const saved = left === 0 ? 'They' : asked === 1 ? `The first ${MAX_LINKS}` : `The first ${MAX_LINKS} of each`;
  const rest = left === 0 ? '' : ` ${plural(left, 'link was', 'links were')} not saved; say that, too.`;
  return noteOf(`(Note: ${which} nothing but links. ${saved} are ${SAVED}${rest})`);
};

/** Whether notes say that links were saved. */
export const tellsOfLinks = (notes: string): boolean => notes.includes(SAVED);
