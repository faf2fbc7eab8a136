import { type ConversationStep, noteOf } from '../conversation/conversation.ts';

const SAVED = 'saved already, and can be found with search_links; say so in a few words.)';

/** Tells a model that links were saved with the messages that brought them: `count` of the `asked` ones. */
export const linksNote = (count: number, asked: number): ConversationStep =>
  noteOf(
    asked === 1
      ? `(Note: this message is nothing but links. They are ${SAVED}`
      : `(Note: ${count} of these messages ${count === 1 ? 'is' : 'are'} nothing but links. They are ${SAVED}`,
  );

/** Whether notes say that links were saved. */
export const tellsOfLinks = (notes: string): boolean => notes.includes(SAVED);
