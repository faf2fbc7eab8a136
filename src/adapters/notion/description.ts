import type { DataSourceObjectResponse, PartialDataSourceObjectResponse } from '@notionhq/client';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import type { DataProperty, DataSource } from '../../ports/workspace-database.ts';

type Source = DataSourceObjectResponse | PartialDataSourceObjectResponse;
type Property = Source['properties'][string];

const MAX_NAME = 100;
const MAX_PROPERTIES = 100;
const MAX_OPTIONS = 50;

/** The properties of a data source as a model is told them. */
export const sourceOf = (name: string, { properties }: Source): DataSource => ({
  name,
  properties: Object.entries(properties)
    .slice(0, MAX_PROPERTIES)
    .map(
      ([property, config]): DataProperty => ({
        name: lineExcerpt(property, MAX_NAME),
        type: lineExcerpt(config.type, 40),
        ...present({ options: optionsOf(config)?.slice(0, MAX_OPTIONS) }),
      }),
    ),
});

const optionsOf = (property: Property): readonly string[] | undefined => {
  switch (property.type) {
    case 'select':
      return property.select.options.map(named);
    case 'multi_select':
      return property.multi_select.options.map(named);
    case 'status':
      return property.status.options.map(named);
    default:
      return undefined;
  }
};

const named = ({ name }: { readonly name: string }): string => lineExcerpt(name, MAX_NAME);
