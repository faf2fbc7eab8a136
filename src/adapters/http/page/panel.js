import { element } from './markdown.js';

/**
 * A part of a view that is read from the server. It says while it is read for the first time, that there is nothing
 * (`isEmpty(found)`; `empty`: words, or what makes them), or why it failed, with a way to try again. What is shown
 * already stays when a later read fails: the next one makes it good. `load` reads anew; only the newest read counts.
 * `isAsked`: what is read is another thing than before, so that a failure is told.
 */
export const makePanel = ({ content, read, show, isEmpty, empty, onMissing }) => {
  const words = element('p', { class: 'none', role: 'status', 'data-testid': 'panel-words' }, 'Loading…');
  const problem = element('p', { class: 'problem', role: 'alert', hidden: '' });
  const again = element('button', { type: 'button', class: 'quiet', hidden: '' }, 'Try again');
  let turn = 0;
  let isShown = false;
  content.hidden = true;

  const load = async ({ isAsked = false } = {}) => {
    const mine = ++turn;
    try {
      const found = await read();
      if (mine !== turn) return;
      const hasNone = isEmpty(found);
      words.textContent = hasNone ? (typeof empty === 'function' ? empty() : empty) : '';
      words.hidden = !hasNone;
      content.hidden = hasNone;
      problem.hidden = again.hidden = true;
      isShown = true;
      show(found);
    } catch (error) {
      if (mine !== turn || (isShown && !isAsked && error.status !== 404)) return;
      words.hidden = true;
      if (isAsked) content.hidden = true;
      problem.textContent = onMissing !== undefined && error.code?.endsWith('/not-offered') ? onMissing : error.message;
      problem.hidden = again.hidden = false;
    }
  };
  again.addEventListener('click', () => void load());
  return { element: element('div', { class: 'panel' }, words, problem, again, content), load };
};

/**
 * Children of `parent` by key: what has not changed stays as it is, with its focus and what is open in it. `render`
 * makes an element of an item.
 */
export const makeKeyedList = (parent, { keyOf, render }) => {
  let shown = new Map();
  return (items) => {
    const next = new Map();
    for (const item of items) {
      const seen = JSON.stringify(item);
      const known = shown.get(keyOf(item));
      next.set(keyOf(item), known?.seen === seen ? known : { seen, made: replaced(known?.made, render(item)) });
    }
    for (const [key, { made }] of shown) if (next.get(key)?.made !== made) made.remove();
    let place = parent.firstElementChild;
    for (const { made } of next.values()) {
      if (made === place) place = place.nextElementSibling;
      else parent.insertBefore(made, place);
    }
    shown = next;
  };
};

/** Takes over what was open in the old element, and the focus, where the new one has a control of the same name. */
const replaced = (old, made) => {
  if (!old) return made;
  const [was, is] = [old, made].map((one) => one.querySelector('details'));
  if (was && is) is.open = was.open;
  const { activeElement } = document;
  if (!old.contains(activeElement)) return made;
  const name = activeElement.dataset.testid;
  old.replaceWith(made);
  const control = name === undefined ? made : made.querySelector(`[data-testid="${name}"]`);
  control?.focus();
  return made;
};
