import { element } from './markdown.js';
import { post } from './server.js';

const SPANS = [
  ['1h', 'an hour'],
  ['4h', '4 hours'],
  ['1d', 'a day'],
  ['7d', 'a week'],
];

/** A dialog that silences alerts, and buttons that open it. Calls `onDone(words)` when something was silenced. */
export const makeSilencer = ({ onDone }) => {
  const title = element('h2', { id: 'silence-title' });
  const span = element(
    'select',
    { id: 'silence-for', 'data-testid': 'silence-for' },
    ...SPANS.map(([value, words]) => element('option', { value }, words)),
  );
  const reason = element('input', { id: 'silence-reason', 'data-testid': 'silence-reason', maxlength: 200, autocomplete: 'off' });
  const problem = element('p', { class: 'problem', role: 'alert', hidden: '' });
  const cancel = element('button', { type: 'button', class: 'quiet' }, 'Cancel');
  const submit = element('button', { type: 'submit', class: 'main', 'data-testid': 'silence-submit' }, 'Silence');
  const form = element(
    'form',
    {},
    title,
    element('p', {}, 'No channel is told that it fires until then. That it is over is told.'),
    element('label', { for: 'silence-for' }, 'For'),
    span,
    element('label', { for: 'silence-reason' }, 'Reason (may be empty)'),
    reason,
    problem,
    element('div', { class: 'decisions' }, submit, cancel),
  );
  const dialog = element('dialog', { class: 'token', 'data-testid': 'silence-dialog', 'aria-labelledby': 'silence-title' }, form);
  let target;
  cancel.addEventListener('click', () => dialog.close());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    submit.disabled = true;
    problem.hidden = true;
    try {
      const words = reason.value.trim();
      await post('/api/v1/alerts/silences', { target, for: span.value, ...(words === '' ? {} : { reason: words }) });
      dialog.close();
      onDone(`${target} is silenced for ${span.selectedOptions[0].textContent}.`);
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
    submit.disabled = false;
  });
  return {
    element: dialog,
    button: (name, label) => {
      const made = element('button', { type: 'button', class: 'quiet', 'data-testid': 'silence-open', 'aria-label': label }, 'Silence');
      made.addEventListener('click', () => {
        target = name;
        title.textContent = label;
        reason.value = '';
        problem.hidden = true;
        dialog.showModal();
      });
      return made;
    },
  };
};
