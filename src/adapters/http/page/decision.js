import { element } from './markdown.js';

/** Approve and Deny, and below them what came of it. `decide` as that of `makeApprovals`. */
export const decisionButtons = (id, decide) => {
  const problem = element('p', { class: 'problem', role: 'alert', hidden: '' });
  const done = element('p', { class: 'decided', role: 'status' });
  const button = (verdict, words) => {
    const made = element(
      'button',
      { type: 'button', class: `decide ${verdict}`, 'data-testid': verdict, 'aria-label': `${words} call ${id}` },
      words,
    );
    made.addEventListener('click', async () => {
      for (const each of buttons) each.disabled = true;
      problem.hidden = true;
      try {
        done.textContent = await decide(id, verdict);
        row.hidden = true;
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
        for (const each of buttons) each.disabled = false;
      }
    });
    return made;
  };
  const buttons = [button('approve', 'Approve'), button('deny', 'Deny')];
  const row = element('div', { class: 'decisions' }, ...buttons);
  return element('div', { class: 'decision', 'data-approval': id }, row, done, problem);
};

/** The buttons below messages. Only what waits can be decided; of the rest, the chat or the list tells the end. */
export const makeDecisions = () => {
  const rows = [];
  let open = new Set();
  const show = (row) => {
    row.hidden = !open.has(Number(row.parentElement.dataset.approval));
  };
  return {
    add: (message) => {
      const row = message.querySelector('.decision .decisions');
      if (!row) return;
      rows.push(row);
      show(row);
    },
    /** The approvals with these numbers wait for a decision, and no others. */
    showOpen: (ids) => {
      open = ids;
      for (const row of rows) show(row);
    },
  };
};
