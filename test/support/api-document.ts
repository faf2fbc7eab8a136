import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApiDocument } from '../../src/adapters/http/openapi/document.ts';
import { ROUTES } from '../../src/adapters/http/routes/index.ts';

export interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required?: true;
    readonly schema: Readonly<Record<string, unknown>>;
  }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Readonly<Record<string, unknown>> } } };
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: Readonly<Record<string, unknown>> }>>;
}

export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly examples?: readonly unknown[] }>> };
}

export const apiDocument = (): ApiDocument => openApiDocument(ROUTES) as unknown as ApiDocument;

/** With no field that the document does not name: a client must take them, a server of this version sends none. */
const closed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, key === 'examples' ? each : closed(each)]));
  return 'properties' in inner && !('additionalProperties' in inner) ? { ...inner, additionalProperties: false } : inner;
};

/** Holds values to schemas of the document, by their place in it; resolves to what is wrong, or undefined. */
export const documentCheck = (document: ApiDocument): ((place: string, value: unknown) => string | undefined) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(closed(document) as object, 'api');
  return (place, value) => {
    const validate = ajv.getSchema(`api#/${place}`);
    if (!validate) return `the document has no ${place}`;
    return validate(value) ? undefined : ajv.errorsText(validate.errors);
  };
};
