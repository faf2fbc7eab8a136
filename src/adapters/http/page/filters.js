import { element } from './markdown.js';

/** A text is searched for this long after the last key. */
const SOON_MS = 400;

/**
 * Fields that narrow what a view shows, and stand in its address. Each has a `name`, a `label`, and either `options`
 * (`[value, words]`, the first one is the default and stands for none) or a `placeholder`. Calls `onChange()` when one
 * has changed; `values()` are those that are set.
 */
export const makeFilters = ({ fields, place, onChange }) => {
  const controls = new Map();
  let soon;
  const values = () =>
    Object.fromEntries([...controls].map(([name, { value }]) => [name, value.trim()]).filter(([, value]) => value !== ''));
  const changed = () => {
    clearTimeout(soon);
    place.setQuery(values());
    onChange();
  };
  const form = element('form', { class: 'filters', role: 'search' });
  for (const { name, label, options, placeholder } of fields) {
    const id = `filter-${name}`;
    const asked = place.query.get(name) ?? '';
    const control = options
      ? element('select', { id, 'data-testid': id }, ...options.map(([value, words]) => element('option', { value }, words)))
      : element('input', { id, 'data-testid': id, type: 'search', placeholder, autocomplete: 'off', spellcheck: 'false', size: 14 });
    control.value = asked;
    // An address may name what is no option.
    if (options && control.selectedIndex === -1) control.selectedIndex = 0;
    control.addEventListener('change', changed);
    if (!options)
      control.addEventListener('input', () => {
        clearTimeout(soon);
        soon = setTimeout(changed, SOON_MS);
      });
    controls.set(name, control);
    form.append(element('div', { class: 'filter' }, element('label', { for: id }, label), control));
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    changed();
  });
  return { element: form, values, close: () => clearTimeout(soon) };
};

/** A row of a table whose cells say their heads themselves, where a narrow window shows each row as a card. */
export const labelled = (row, heads) => {
  for (const [at, cell] of [...row.cells].entries()) cell.dataset.label = heads[at];
  return row;
};

/** Fields as a query: `?a=1&b=2`. */
export const queryOf = (fields) => {
  const query = String(new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')));
  return query === '' ? '' : `?${query}`;
};

/** Calls `look` again and again while somebody looks at the page. Returns a function that ends it. */
export const lookEvery = (ms, look) => {
  const looks = setInterval(() => document.hidden || look(), ms);
  const back = () => document.hidden || look();
  document.addEventListener('visibilitychange', back);
  return () => {
    clearInterval(looks);
    document.removeEventListener('visibilitychange', back);
  };
};
