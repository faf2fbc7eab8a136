import type { PageObjectResponse } from '@notionhq/client';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import type { DatabaseEntry } from '../../ports/workspace-database.ts';
import { wordsOf } from './values.ts';

const MAX_NAME = 100;
/** A select that people use as a status where a database has no property of that type. */
const LIKE_STATUS = /^(?:status|state|stage|progress)$/i;

/** An entry in plain words. */
export const entryOf = ({ url, properties }: PageObjectResponse): DatabaseEntry => {
  const all = Object.entries(properties).map(([name, property]) => ({
    name: lineExcerpt(name, MAX_NAME),
    type: property.type,
    value: wordsOf(property),
  }));
  const title = all.find(({ type }) => type === 'title');
  const status = all.find(({ type }) => type === 'status') ?? all.find(({ type, name }) => type === 'select' && LIKE_STATUS.test(name));
  return {
    title: title?.value ?? '',
    ...present({ status: status?.value || undefined }),
    url,
    properties: all.flatMap((property) =>
      property === title || property === status || property.value === '' ? [] : { name: property.name, value: property.value },
    ),
  };
};
