import { openApiDocument } from '../src/adapters/http/openapi/document.ts';
import { ROUTES } from '../src/adapters/http/routes/index.ts';
import { writeWhenRun } from './reference.ts';

/** The document of the HTTP API, as it is stored beside the docs. */
export const openApiText = (): string => `${JSON.stringify(openApiDocument(ROUTES), null, 2)}\n`;

writeWhenRun(import.meta.url, 'docs/reference/openapi.json', openApiText);
