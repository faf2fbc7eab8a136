import type { PageObjectResponse } from '@notionhq/client';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';

type Property = PageObjectResponse['properties'][string];
type PropertyType = Property['type'];
type Of<T extends PropertyType> = Extract<Property, { type: T }>;
type RichText = Of<'title'>['title'];
type DateValue = NonNullable<Of<'date'>['date']>;
/** Values within a rollup, which have no id. */
type Gathered = Extract<Of<'rollup'>['rollup'], { type: 'array' }>['array'][number];
type Person = Of<'people'>['people'][number];

/** The longest text of one value, in UTF-16 units. */
const MAX_VALUE = 300;
/** Parts of a list that are named; the others are counted. */
const MAX_PARTS = 10;

/** What a property says, in plain words and one line; empty where it has no value. */
export const wordsOf = (property: Property | Gathered): string => {
  const words = (WORDS[property.type] as ((value: Property | Gathered) => string) | undefined)?.(property);
  // A type that is newer than this: its name at least.
  return words === undefined ? `(${lineExcerpt(property.type, 40)})` : lineExcerpt(words, MAX_VALUE);
};

const WORDS: { readonly [T in PropertyType]: (property: Of<T>) => string } = {
  title: ({ title }) => textOf(title),
  rich_text: ({ rich_text: text }) => textOf(text),
  number: ({ number }) => numeral(number),
  select: ({ select }) => select?.name ?? '',
  multi_select: ({ multi_select: options }) => several(options.map(({ name }) => name)),
  status: ({ status }) => status?.name ?? '',
  date: ({ date }) => (date ? dateInWords(date) : ''),
  people: ({ people }) => several(people.map(nameOf)),
  files: ({ files }) => several(files.map((file) => (file.type === 'external' ? `${file.name} (${file.external.url})` : file.name))),
  checkbox: ({ checkbox }) => yesOrNo(checkbox),
  url: ({ url }) => url ?? '',
  email: ({ email }) => email ?? '',
  phone_number: ({ phone_number: number }) => number ?? '',
  formula: ({ formula }) => {
    switch (formula.type) {
      case 'string':
        return formula.string ?? '';
      case 'number':
        return numeral(formula.number);
      case 'boolean':
        return formula.boolean === null ? '' : yesOrNo(formula.boolean);
      case 'date':
        return formula.date ? dateInWords(formula.date) : '';
      default:
        return '(a formula that can’t be read from outside)';
    }
  },
  relation: ({ relation }) => several(relation.map(({ id }) => pageAddress(id))),
  rollup: ({ rollup }) => {
    switch (rollup.type) {
      case 'number':
        return numeral(rollup.number);
      case 'date':
        return rollup.date ? dateInWords(rollup.date) : '';
      case 'array':
        return several(rollup.array.map(wordsOf).filter((words) => words !== ''));
      default:
        return '(a rollup that can’t be read from outside)';
    }
  },
  created_time: ({ created_time: time }) => timeInWords(time),
  last_edited_time: ({ last_edited_time: time }) => timeInWords(time),
  created_by: ({ created_by: person }) => nameOf(person),
  last_edited_by: ({ last_edited_by: person }) => nameOf(person),
  unique_id: ({ unique_id: { prefix, number } }) => (number === null ? '' : `${prefix ? `${prefix}-` : ''}${number}`),
  button: () => '',
  verification: ({ verification }) => {
    if (!verification) return '';
    const { state, verified_by: person, date } = verification;
    return `${state}${person ? ` by ${nameOf(person)}` : ''}${date ? `, ${dateInWords(date)}` : ''}`;
  },
  place: ({ place }) => (place ? (place.name ?? place.address ?? `${place.lat}, ${place.lon}`) : ''),
};

export const textOf = (text: RichText): string => text.map(({ plain_text: plain }) => plain).join('');

/** The page with this id; a link that Notion resolves, and that can be read on. */
const pageAddress = (id: string): string => `https://www.notion.so/${id.replaceAll('-', '')}`;

const numeral = (number: number | null): string => (number === null ? '' : String(number));
const yesOrNo = (value: boolean): string => (value ? 'yes' : 'no');

/** Without the capability to see people, an integration is told their ids alone. */
const nameOf = (person: Person): string => ('name' in person && person.name) || person.id;

const several = (parts: readonly string[]): string => {
  const named = parts.slice(0, MAX_PARTS).join(', ');
  return parts.length > MAX_PARTS ? `${named} and ${parts.length - MAX_PARTS} more` : named;
};

/** `2026-12-01`, `2026-12-01 09:00 +01:00 to 2026-12-02`, `2026-12-01 09:00 (Europe/Berlin)`. */
const dateInWords = ({ start, end, time_zone: zone }: DateValue): string =>
  `${timeInWords(start)}${end === null ? '' : ` to ${timeInWords(end)}`}${zone === null ? '' : ` (${zone})`}`;

/** `2026-12-01T09:00:00.000+01:00` is `2026-12-01 09:00 +01:00`, and Z is UTC. */
const timeInWords = (time: string): string => {
  const [, date, clock, offset = ''] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(time) ?? [];
  if (date === undefined) return time;
  return `${date} ${clock}${offset === 'Z' ? ' UTC' : offset === '' ? '' : ` ${offset}`}`;
};
