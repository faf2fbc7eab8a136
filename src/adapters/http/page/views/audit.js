import { labelled, lookEvery, makeFilters, queryOf } from '../filters.js';
import { element, OWN_DIRECTION } from '../markdown.js';
import { makeKeyedList, makePanel } from '../panel.js';
import { plain } from '../plain.js';
import { get, post } from '../server.js';
import { timeElement } from '../times.js';

const LIMIT = 100;
/** Facts are sealed about every second. */
const LOOK_MS = 5_000;
const KINDS = [
  'asked',
  'denied',
  'approval-asked',
  'approval-decided',
  'approval-expired',
  'approval-ended',
  'acted',
  'promise-made',
  'promise-ended',
  'spent',
  'budget-stopped',
  'leg-removed',
  'standing-approval',
  'pairing',
  'configuration',
  'webhook-abandoned',
  'login',
  'operator',
];
const HEADS = ['No.', 'When', 'What', 'Who', 'Chat', 'Facts'];

/** Who did what, and whether the log holds. */
export const view = {
  name: 'audit',
  title: 'Audit',
  topics: ['approvals', 'promises', 'schedules', 'chats'],
  show: (root, place) => {
    /** Rows before this one; undefined: the newest. */
    let before = numberOf(place.query.get('before'));
    const rows = element('tbody', {});
    const showRows = makeKeyedList(rows, { keyOf: ({ seq }) => seq, render: (found) => labelled(renderRow(found), HEADS) });
    const table = element(
      'table',
      { class: 'wide-table stacked', 'data-testid': 'audit' },
      element('caption', {}, 'Rows of the audit log, newest first'),
      element('thead', {}, element('tr', {}, ...HEADS.map((head) => element('th', { scope: 'col' }, head)))),
      rows,
    );
    const filters = makeFilters({
      place,
      fields: [
        { name: 'kind', label: 'What', options: [['', 'All'], ...KINDS.map((kind) => [kind, kind])] },
        { name: 'chatId', label: 'Chat', placeholder: 'telegram:-100…' },
      ],
      onChange: () => {
        before = undefined;
        void panel.load({ isAsked: true });
      },
    });
    const earlier = element('button', { type: 'button', class: 'quiet', 'data-testid': 'audit-earlier' }, 'Earlier');
    const newest = element('button', { type: 'button', class: 'quiet', 'data-testid': 'audit-newest' }, 'Newest');
    let last;
    const panel = makePanel({
      content: element('div', {}, element('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'Audit log' }, table)),
      read: () => get(`/api/v1/audit${queryOf({ ...filters.values(), before, limit: LIMIT })}`),
      isEmpty: (found) => found.rows.length === 0,
      empty: 'The audit log has no such rows.',
      show: (found) => {
        showRows(found.rows);
        last = found.rows.at(-1)?.seq;
        earlier.hidden = found.rows.length < LIMIT;
        newest.hidden = before === undefined;
      },
    });
    const go = (place_) => {
      before = place_;
      place.setQuery({ ...filters.values(), before });
      void panel.load();
    };
    earlier.hidden = newest.hidden = true;
    earlier.addEventListener('click', () => go(last));
    newest.addEventListener('click', () => go(undefined));
    root.append(makeProof(), filters.element, panel.element, element('div', { class: 'decisions' }, earlier, newest));
    void panel.load();
    const look = () => {
      // Earlier rows never change.
      if (before === undefined) void panel.load();
    };
    const end = lookEvery(LOOK_MS, look);
    return {
      update: look,
      close: () => {
        end();
        filters.close();
      },
    };
  },
};

const numberOf = (text) => (/^\d{1,15}$/.test(text ?? '') ? Number(text) : undefined);

/** Checks the whole log, and that it holds a head which somebody has kept. */
const makeProof = () => {
  const head = element('input', {
    id: 'kept-head',
    'data-testid': 'kept-head',
    type: 'text',
    placeholder: '120:9f2c…',
    autocomplete: 'off',
    spellcheck: 'false',
    size: 20,
  });
  const button = element('button', { type: 'submit', class: 'quiet', 'data-testid': 'verify' }, 'Check the log');
  const said = element('p', { class: 'proof-said', role: 'status', 'data-testid': 'verdict' });
  const form = element(
    'form',
    { class: 'filters', 'aria-label': 'Check of the log' },
    element('div', { class: 'filter' }, element('label', { for: 'kept-head' }, 'A head that you kept (may be empty)'), head),
    button,
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.className = 'proof-said';
    said.textContent = 'Reading the whole log…';
    try {
      const kept = head.value.trim();
      const found = await post('/api/v1/audit/verify', kept === '' ? {} : { head: kept });
      said.className = `proof-said ${found.ok ? 'holds' : 'broken'}`;
      said.replaceChildren(...verdictWords(found));
    } catch (error) {
      said.className = 'proof-said broken';
      said.textContent = error.message;
    }
    button.disabled = false;
  });
  return element('section', { class: 'proof', 'aria-label': 'Proof' }, form, said);
};

const verdictWords = ({ ok, head, fault, missingGuards = [], unsealed }) => {
  const words = [];
  if (fault) words.push(`The log is broken at row ${fault.seq}. ${fault.problem} What it says from there on is no proof.`);
  else if (head?.seq === 0) words.push('The log is empty.');
  else if (head)
    words.push(
      `The log holds: ${head.seq} rows, none changed, removed or put in. Keep its head elsewhere: `,
      element('code', { 'data-testid': 'head' }, `${head.seq}:${head.hash}`),
    );
  if (missingGuards.length > 0) words.push(` Gone from the database: ${missingGuards.join(', ')}: rows could be changed since.`);
  if (ok && unsealed > 0) words.push(` ${unsealed} ${unsealed === 1 ? 'fact has' : 'facts have'} no place in it yet.`);
  return words.map((each) => (typeof each === 'string' ? plain(each) : each));
};

const renderRow = ({ seq, at, kind, actor, facts: { chatId, ...facts }, hash }) =>
  element(
    'tr',
    { 'data-testid': 'audit-row', 'data-kind': kind },
    element('th', { scope: 'row', title: `SHA-256 ${hash}` }, String(seq)),
    element('td', {}, timeElement(at)),
    element('td', {}, kind),
    element('td', OWN_DIRECTION, actor),
    element('td', OWN_DIRECTION, typeof chatId === 'string' ? chatId : ''),
    element('td', { ...OWN_DIRECTION, class: 'long-words' }, factsInWords(facts)),
  );

const factsInWords = (facts) =>
  Object.entries(facts)
    .map(([name, value]) => `${name} ${typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value)}`)
    .join(', ');
