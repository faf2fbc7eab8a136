import { showConversation } from '../conversation.js';
import { element } from '../markdown.js';

/** `local:2`, or its number alone. */
const LOCAL = /^(?:local:)?([1-9]\d{0,8})$/;

/** The chats, and the conversation of one of them. */
export const view = {
  name: 'chats',
  title: 'Chat',
  show: (root, place) => {
    const [asked = 'local:1'] = place.parts;
    const number = LOCAL.exec(asked.trim())?.[1];
    if (number !== undefined) return showConversation(root, `local:${number}`, place);
    root.append(element('p', { class: 'none' }, `“${asked.slice(0, 60)}” is not a local chat.`));
    return { close: () => undefined };
  },
};
