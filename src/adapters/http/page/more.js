import { element } from './markdown.js';

/** A button below a list. `onMore` loads more; meanwhile it can't be pressed. */
export const makeMore = (words, onMore) => {
  const button = element('button', { type: 'button', class: 'quiet more', hidden: '', 'data-testid': 'more' }, words);
  button.addEventListener('click', async () => {
    button.disabled = true;
    await onMore();
    button.disabled = false;
  });
  return button;
};
