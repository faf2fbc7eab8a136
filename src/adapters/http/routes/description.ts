import { z } from 'zod';
import { defineRoute, type Route } from '../route.ts';
import { reply } from '../schemas/names.ts';

type Document = Readonly<Record<string, unknown>>;

/** Of each list of routes; made when it is first asked for. */
const documents = new WeakMap<readonly Route[], Promise<Document>>();

const documentOf = async (routes: readonly Route[]): Promise<Document> => (await import('../openapi/document.ts')).openApiDocument(routes);

export const descriptionRoutes = [
  defineRoute({
    method: 'GET',
    path: '/openapi.json',
    id: 'describe',
    tag: 'description',
    summary: 'This document: every route, in OpenAPI 3.1',
    needsToken: false,
    replies: { 200: reply(() => z.record(z.string(), z.unknown())) },
    handle: async (_asked, { routes }) => {
      const document = documents.get(routes) ?? documentOf(routes);
      documents.set(routes, document);
      return await document;
    },
  }),
];
