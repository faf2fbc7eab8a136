import { addressOf } from '../address.js';
import { lookEvery, makeFilters, queryOf } from '../filters.js';
import { element, OWN_DIRECTION } from '../markdown.js';
import { makeKeyedList, makePanel } from '../panel.js';
import { get, post } from '../server.js';
import { timeElement } from '../times.js';

/** Who asks to be let in, who is named, and what each may do. */
export const view = {
  name: 'people',
  title: 'People',
  topics: ['approvals'],
  show: (root, place) => {
    const [subject] = place.parts;
    return subject === undefined ? showPeople(root, place) : showAccess(root, subject, place);
  },
};

const showPeople = (root, place) => {
  const filters = makeFilters({
    place,
    fields: [{ name: 'text', label: 'Name, id or workspace' }],
    onChange: () => {
      if (found) show();
    },
  });
  let found;
  const pairings = element('ol', { class: 'cards', 'aria-label': 'Who asks to be let in, and who was' });
  const [people, workspaces] = [element('tbody', {}), element('tbody', {})];
  const showPairings = makeKeyedList(pairings, {
    keyOf: ({ person }) => person,
    render: (pairing) => renderPairing(pairing, () => void asked.load()),
  });
  const asked = makePanel({
    content: pairings,
    read: () => get('/api/v1/pairings?limit=200'),
    isEmpty: (page) => page.pairings.length === 0,
    empty: 'Nobody asks to be let in.',
    show: (page) => showPairings(page.pairings),
  });
  const show = () => {
    const text = (filters.values().text ?? '').toLowerCase();
    const fits = (...words) => words.some((word) => word?.toLowerCase().includes(text));
    people.replaceChildren(...found.people.filter(({ id, name, username }) => fits(id, name, username)).map(renderPerson));
    workspaces.replaceChildren(...found.workspaces.filter(({ name, chatIds }) => fits(name, ...chatIds)).map(renderWorkspace));
  };
  const named = makePanel({
    content: element(
      'div',
      {},
      tableOf('People whom the configuration names, or an owner has let in', ['Person', 'Id', 'Named at'], people),
      tableOf('Workspaces', ['Workspace', 'Chats', 'Directory'], workspaces),
    ),
    read: () => get('/api/v1/people'),
    isEmpty: (page) => page.people.length + page.workspaces.length === 0,
    empty: 'The configuration names nobody, and no workspace.',
    show: (page) => {
      found = page;
      show();
    },
  });
  root.append(
    element('h3', {}, 'Asking to be let in'),
    asked.element,
    element('h3', {}, 'Who may do what'),
    filters.element,
    named.element,
  );
  const load = () => {
    void asked.load();
    void named.load();
  };
  load();
  const endLooks = lookEvery(30_000, () => void asked.load());
  return {
    update: load,
    close: () => {
      endLooks();
      filters.close();
    },
  };
};

const tableOf = (caption, heads, rows) =>
  element(
    'div',
    { class: 'wide', tabindex: '0', role: 'region', 'aria-label': caption },
    element(
      'table',
      { class: 'list' },
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...heads.map((words) => element('th', { scope: 'col' }, words)))),
      rows,
    ),
  );

const renderPerson = ({ subject, id, name, username, path }) =>
  element(
    'tr',
    { 'data-testid': 'person' },
    element(
      'th',
      { scope: 'row' },
      element('a', { ...OWN_DIRECTION, href: addressOf('people', [subject]) }, name ?? (username ? `@${username}` : subject)),
    ),
    element('td', {}, id ?? '–'),
    element('td', {}, path),
  );

const renderWorkspace = ({ name, chatIds, directory }) =>
  element(
    'tr',
    { 'data-testid': 'workspace' },
    element('th', { scope: 'row' }, element('a', { ...OWN_DIRECTION, href: addressOf('people', [name]) }, name)),
    element('td', {}, chatIds.join(', ') || '–'),
    element('td', {}, directory),
  );

const STATES = { asked: 'Asks', paired: 'Let in', revoked: 'Not let in' };

const renderPairing = ({ person, username, name, code, status, askedAt, decidedAt }, onDecided) => {
  const problem = element('p', { class: 'problem', role: 'alert', hidden: '' });
  const button = (words, path, testId) => {
    const made = element('button', { type: 'button', class: 'quiet', 'data-testid': testId, 'aria-label': `${words} ${person}` }, words);
    made.addEventListener('click', async () => {
      made.disabled = true;
      try {
        await post(path);
        onDecided();
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
        made.disabled = false;
      }
    });
    return made;
  };
  const revoke = `/api/v1/pairings/${encodeURIComponent(person)}/revoke`;
  return element(
    'li',
    { class: 'card', 'data-testid': 'pairing', 'data-status': status },
    element(
      'p',
      { class: 'card-head' },
      element('span', { class: 'status' }, STATES[status] ?? status),
      element('span', { class: 'type' }, `code ${code}`),
    ),
    element('p', { ...OWN_DIRECTION, class: 'task' }, [name, username && `@${username}`, person].filter(Boolean).join(' ')),
    element(
      'div',
      { class: 'foot' },
      element(
        'div',
        {},
        element(
          'p',
          { class: 'times' },
          'asked ',
          timeElement(askedAt),
          decidedAt ? ' · decided ' : '',
          decidedAt ? timeElement(decidedAt) : '',
        ),
      ),
      status === 'asked' ? button('Let in', `/api/v1/pairings/${encodeURIComponent(code)}/approve`, 'approve-pairing') : undefined,
      status === 'revoked' ? undefined : button(status === 'asked' ? 'Say no' : 'Revoke', revoke, 'revoke-pairing'),
    ),
    problem,
  );
};

const showAccess = (root, subject, place) => {
  place.setTitle(`Who may do what: ${subject}`);
  const content = element('div', {});
  const panel = makePanel({
    content,
    read: () => get(`/api/v1/access${queryOf({ subject })}`),
    isEmpty: ({ places }) => places.length === 0,
    empty: 'There is no place for them.',
    show: ({ allowed, rule, path, places }) =>
      content.replaceChildren(
        element('p', { 'data-testid': 'heard' }, `${allowed ? 'Heard' : 'Not heard'}, by rule ${rule} (${path}).`),
        ...places.map(renderPlace),
      ),
  });
  root.append(element('p', { class: 'intro' }, element('a', { href: addressOf('people') }, 'All people')), panel.element);
  void panel.load();
  return { close: () => undefined };
};

const renderPlace = ({ of, allowed, rule, path, role, directory, rights }) =>
  element(
    'section',
    { 'data-testid': 'place' },
    element('h3', OWN_DIRECTION, of),
    element(
      'p',
      { class: 'notes' },
      [allowed ? 'heard' : 'not heard', `by rule ${rule} (${path})`, role && `role ${role}`, directory && `in ${directory}`]
        .filter(Boolean)
        .join(', '),
    ),
    tableOf(
      `What ${of} gives`,
      ['Right', 'May', 'By rule', 'Set at'],
      element(
        'tbody',
        {},
        ...rights.map((right) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, right.words),
            element('td', {}, right.allowed ? (right.needsApproval ? 'after an approval' : 'yes') : 'no'),
            element('td', {}, right.rule),
            element('td', {}, right.path),
          ),
        ),
      ),
    ),
  );
