import { failedValidation, invalid } from './problem.ts';
import type { Page, PropertyConfig, PropertyType, Source, Value } from './world.ts';

type Fields = Readonly<Record<string, unknown>>;
type Test = (page: Page) => boolean;

const isFields = (given: unknown): given is Fields => typeof given === 'object' && given !== null && !Array.isArray(given);

/** Conditions that each type of property takes (developers.notion.com/reference/filter-data-source-entries). */
const CONDITIONS: Partial<Readonly<Record<PropertyType, readonly string[]>>> = {
  title: ['equals', 'does_not_equal', 'contains', 'does_not_contain', 'starts_with', 'ends_with', 'is_empty', 'is_not_empty'],
  rich_text: ['equals', 'does_not_equal', 'contains', 'does_not_contain', 'starts_with', 'ends_with', 'is_empty', 'is_not_empty'],
  number: [
    'equals',
    'does_not_equal',
    'greater_than',
    'less_than',
    'greater_than_or_equal_to',
    'less_than_or_equal_to',
    'is_empty',
    'is_not_empty',
  ],
  checkbox: ['equals', 'does_not_equal'],
  select: ['equals', 'does_not_equal', 'is_empty', 'is_not_empty'],
  status: ['equals', 'does_not_equal', 'is_empty', 'is_not_empty'],
  multi_select: ['contains', 'does_not_contain', 'is_empty', 'is_not_empty'],
  date: ['equals', 'before', 'after', 'on_or_before', 'on_or_after', 'is_empty', 'is_not_empty', 'past_week', 'next_week', 'this_week'],
};

/** The real one nests no deeper. */
const MAX_DEPTH = 2;

/** Checks a filter as strictly as the real API does, and makes a test of it. */
export const testOf = (filter: unknown, source: Source, depth = 0): Test => {
  if (!isFields(filter)) throw failedValidation('body.filter', 'an object', filter);
  for (const joint of ['and', 'or'] as const)
    if (joint in filter) {
      const parts = filter[joint];
      if (!Array.isArray(parts) || Object.keys(filter).length > 1) throw failedValidation(`body.filter.${joint}`, 'an array', parts);
      if (depth >= MAX_DEPTH) throw failedValidation(`body.filter.${joint}`, 'nested at most twice', parts);
      const tests = parts.map((part) => testOf(part, source, depth + 1));
      return (page) => (joint === 'and' ? tests.every((test) => test(page)) : tests.some((test) => test(page)));
    }
  const { property, type: _, ...conditions } = filter;
  if (typeof property !== 'string') throw failedValidation('body.filter.property', 'defined', property);
  const config = source.properties[property];
  if (!config) throw invalid(`Could not find property with name or id: ${property}`);
  const [type, ...others] = Object.keys(conditions);
  if (type === undefined || others.length > 0) throw failedValidation(`body.filter.${config.type}`, 'defined', undefined);
  if (type !== config.type) throw invalid(`database property ${config.type} does not match filter ${type}`);
  return conditionOf(property, config, conditions[type]);
};

const conditionOf = (property: string, config: PropertyConfig, condition: unknown): Test => {
  const { type } = config;
  const place = `body.filter.${type}`;
  const known = CONDITIONS[type];
  if (!known) throw invalid(`the fake has no filter for ${type}`);
  if (!isFields(condition)) throw failedValidation(place, 'an object', condition);
  const [name, ...others] = Object.keys(condition);
  if (name === undefined || others.length > 0 || !known.includes(name))
    throw failedValidation(`${place}.${name ?? known[0]}`, known.map((each) => `\`${each}\``).join(' or '), condition);
  const wanted = condition[name];
  checkWanted(config, property, `${place}.${name}`, name, wanted);
  return (page) => holds(name, plain(page.properties[property]), wanted);
};

const checkWanted = (config: PropertyConfig, property: string, place: string, name: string, wanted: unknown): void => {
  if (name === 'is_empty' || name === 'is_not_empty') {
    if (wanted !== true) throw failedValidation(place, '`true`', wanted);
    return;
  }
  if (/_week$/.test(name)) {
    if (!isFields(wanted)) throw failedValidation(place, 'an object', wanted);
    return;
  }
  const type = config.type === 'number' ? 'number' : config.type === 'checkbox' ? 'boolean' : 'string';
  if (typeof wanted !== type) throw failedValidation(place, `a ${type}`, wanted);
  if ('options' in config && !config.options.includes(String(wanted)))
    throw invalid(`${config.type} option "${wanted}" not found for property "${property}".`);
  if (config.type === 'date' && Number.isNaN(Date.parse(String(wanted))))
    throw failedValidation(place, 'a valid ISO 8601 date string', wanted);
};

/** A value as filters compare it. */
const plain = (value: Value | undefined): string | number | boolean | readonly string[] | undefined => {
  const content = value?.[value.type];
  if (content === undefined || content === null) return undefined;
  switch (value?.type) {
    case 'title':
    case 'rich_text':
      return (content as { plain_text: string }[]).map(({ plain_text: text }) => text).join('') || undefined;
    case 'multi_select':
      return (content as { name: string }[]).map(({ name }) => name);
    case 'select':
    case 'status':
      return (content as { name: string }).name;
    case 'date':
      return (content as { start: string }).start;
    default:
      return content as number | boolean | string;
  }
};

const holds = (name: string, has: ReturnType<typeof plain>, wanted: unknown): boolean => {
  const isEmpty = has === undefined || (Array.isArray(has) && has.length === 0);
  if (name === 'is_empty') return isEmpty;
  if (name === 'is_not_empty') return !isEmpty;
  if (name === 'does_not_equal') return has !== wanted;
  if (name === 'does_not_contain') return !(has as string | readonly string[] | undefined)?.includes(wanted as string);
  if (isEmpty) return false;
  switch (name) {
    case 'equals':
      return has === wanted;
    case 'contains':
      return Array.isArray(has) ? has.includes(wanted) : String(has).toLowerCase().includes(String(wanted).toLowerCase());
    case 'starts_with':
      return String(has).startsWith(String(wanted));
    case 'ends_with':
      return String(has).endsWith(String(wanted));
    case 'greater_than':
    case 'after':
      return (has as string) > (wanted as string);
    case 'less_than':
    case 'before':
      return (has as string) < (wanted as string);
    case 'greater_than_or_equal_to':
    case 'on_or_after':
      return (has as string) >= (wanted as string);
    case 'less_than_or_equal_to':
    case 'on_or_before':
      return (has as string) <= (wanted as string);
    default:
      throw new Error(`the fake can't answer ${name}`);
  }
};

/** Checks sorts, and makes a comparison of them; undefined where there are none. */
export const orderOf = (sorts: unknown, source: Source): ((one: Page, other: Page) => number) | undefined => {
  if (sorts === undefined) return undefined;
  if (!Array.isArray(sorts)) throw failedValidation('body.sorts', 'an array', sorts);
  const steps = sorts.map((sort: unknown, at) => {
    const { property, timestamp, direction, ...others } = isFields(sort) ? sort : {};
    if (Object.keys(others).length > 0 || (direction !== 'ascending' && direction !== 'descending'))
      throw failedValidation(`body.sorts[${at}].direction`, '`"ascending"` or `"descending"`', direction);
    if (timestamp !== undefined && timestamp !== 'created_time' && timestamp !== 'last_edited_time')
      throw failedValidation(`body.sorts[${at}].timestamp`, '`"created_time"` or `"last_edited_time"`', timestamp);
    if (timestamp === undefined && !(typeof property === 'string' && source.properties[property]))
      throw invalid(`Could not find sort property with name or id: ${String(property)}`);
    const sign = direction === 'ascending' ? 1 : -1;
    return (one: Page, other: Page): number => {
      if (typeof property !== 'string') return 0;
      const [a = '', b = ''] = [plain(one.properties[property]), plain(other.properties[property])];
      return a < b ? -sign : a > b ? sign : 0;
    };
  });
  return (one, other) => steps.reduce((found, step) => found || step(one, other), 0);
};
