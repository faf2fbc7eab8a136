import { plain } from '../plain.js';

/** For an address that names no local chat: no other chat is shown in its place. */
export const view = {
  name: 'no-chat',
  title: 'No such chat',
  topics: [],
  show: (root, { parts: [asked] }) => {
    root.classList.add('view-conversation');
    root.append(document.getElementById('conversation-template').content.cloneNode(true));
    const problem = document.getElementById('problem');
    problem.textContent = plain(`“${asked.slice(0, 60)}” is not a local chat. Open ?chat=local:1, or another number up to 999999999.`);
    problem.hidden = false;
    for (const field of document.getElementById('composer').elements) field.disabled = true;
    return { close: () => undefined };
  },
};
