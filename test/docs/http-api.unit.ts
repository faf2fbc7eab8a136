import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import { openApiText } from '../../scripts/openapi.ts';
import { EXAMPLES } from '../../src/adapters/http/openapi/examples.ts';
import { ROUTES } from '../../src/adapters/http/routes/index.ts';
import type { Schema } from '../../src/adapters/http/schemas/shown.ts';
import { API_BASES } from '../../src/adapters/http/serve-routes.ts';
import { apiDocument, documentCheck } from '../support/api-document.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The first cells of the table of requests: `GET /api/v1/promises?status=&limit=`, or several of them. */
const documented = (): ReadonlyMap<string, string> =>
  new Map(
    [...read('docs/reference/http-api.md').matchAll(/^\| (`[A-Z]+ \/.*?) \| /gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([A-Z]+ \/[^?`]*)(?:\?([^`]*))?`/g)].map(([, request = '', query = '']) => [request, query] as const),
    ),
  );

const namesIn = (schema: Schema | undefined): readonly string[] => (schema && 'shape' in schema ? Object.keys(schema.shape as object) : []);

describe('The reference of the HTTP API', () => {
  it('is stored as it is served: node scripts/openapi.ts writes it', () => {
    expect(read('docs/reference/openapi.json')).to.equal(openApiText());
  });

  it('is OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(openApiText()));
    expect([valid, errors, validator.version]).to.deep.equal([true, undefined, '3.1']);
  });

  it('has a row for each route, with its query parameters, and a route for each row', () => {
    const rows = documented();
    const routes = new Map(
      ROUTES.map(({ method, at, path, query }) => [
        `${method} ${at === 'root' ? '' : API_BASES[0]}${path}`,
        namesIn(query)
          .map((name) => `${name}=`)
          .join('&'),
      ]),
    );
    expect(Object.fromEntries(rows)).to.deep.equal(Object.fromEntries(routes));
  });

  it('names each route in one sentence without its full stop, and what it refuses by codes', () => {
    for (const { id, summary, refusals = {} } of ROUTES) {
      expect(summary, id).to.match(/^[A-Z].{5,110}[^.]$/);
      for (const [status, codes] of Object.entries(refusals)) {
        expect(Number(status), id).to.be.within(400, 599);
        for (const code of codes) expect(code, id).to.match(/^[a-z]+\/[a-z-]+$/);
      }
    }
  });

  it('shows an example of each named reply, which is what the schema says, and has nothing else', () => {
    const document = apiDocument();
    const check = documentCheck(document);
    expect(Object.keys(EXAMPLES).sort()).to.deep.equal(Object.keys(document.components.schemas).sort());
    for (const [id, { examples = [] }] of Object.entries(document.components.schemas)) {
      expect(examples, id).to.have.length(1);
      expect(check(`components/schemas/${id}`, examples[0]), id).to.equal(undefined);
    }
    expect(check('components/schemas/Draft', { text: 'a', mood: 'good' })).to.match(/additional properties/);
  });
});
