import { element } from './markdown.js';
import { newKey, postOnce } from './server.js';

/** The maximum length of a message in UTF-16 units; the server refuses more. */
const LONGEST = 100_000;
const NEAR = 90_000;
/** The text itself was refused: it was not stored, and its key would get the same answer for ever. */
const DECIDED = [400, 413, 422];

const byId = (id) => document.getElementById(id);
const count = new Intl.NumberFormat();

/** The field below the conversation; `onSent` is given each message that was sent. */
export const makeComposer = (chat, onSent) => {
  const [form, text, send, problem, left] = [byId('composer'), byId('text'), byId('send'), byId('problem'), byId('left')];
  let sending = false;

  const grow = () => {
    text.style.height = 'auto';
    text.style.height = `${text.scrollHeight + 2}px`;
  };
  const review = () => {
    const { length } = text.value;
    left.hidden = length < NEAR;
    left.textContent =
      length > LONGEST ? `${count.format(length - LONGEST)} characters too many` : `${count.format(LONGEST - length)} characters left`;
    left.classList.toggle('over', length > LONGEST);
    send.disabled = sending || length > LONGEST || text.value.trim() === '';
    grow();
  };
  /** What was sent last, and has not arrived for all we know, with its key. */
  let attempt;
  let isOutage = false;
  const tell = (words, { status } = {}) => {
    isOutage = status === 0 || status >= 500;
    problem.textContent = words;
    problem.hidden = words === '';
  };

  const submit = async () => {
    review();
    if (send.disabled) return;
    const words = text.value;
    if (attempt?.words !== words) attempt = { words, key: newKey() };
    sending = true;
    text.readOnly = true;
    review();
    try {
      const { chatId, messageId } = await postOnce('/api/chat/messages', { text: words, chatId: chat }, attempt.key);
      attempt = undefined;
      text.value = '';
      tell('');
      onSent({ chatId, messageId, from: 'operator', text: words, at: new Date().toISOString() });
    } catch (error) {
      if (DECIDED.includes(error.status)) attempt = undefined;
      tell(`${attempt ? 'It may not be sent.' : 'Not sent.'} ${error.message} Your text is still here.`, error);
    } finally {
      sending = false;
      text.readOnly = false;
      review();
      text.focus();
    }
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  text.addEventListener('input', review);
  text.addEventListener('keydown', (event) => {
    // While an input method composes, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void submit();
  });

  const examples = [
    ['In the background, count to 30 slowly', 'a promise to watch: kill my process, start it again, and its result still comes'],
    ['In 1 minute, count the TODO comments in this project', 'a promise for later'],
    ['What can you do?', 'shows what else there is'],
  ];
  byId('examples').append(
    ...examples.map(([words, note]) => {
      const button = element('button', { type: 'button', 'data-testid': 'example' }, words, element('small', {}, note));
      button.addEventListener('click', () => {
        text.value = words;
        review();
        text.focus();
      });
      return element('li', {}, button);
    }),
  );
  review();
  return {
    /** The server is well again: what could not be sent for that reason can be sent now. */
    endOutage: () => isOutage && tell(''),
  };
};
