import { expect } from 'chai';
import { makeToolCatalog } from '../../../src/application/index.ts';
import { toolSource } from '../../../src/ports/index.ts';
import { buildTool, telegramUser } from '../../../src/testing/index.ts';

const named = (...names: string[]) => names.map((name) => buildTool({ name }));
const caller = (tools: readonly string[], workspace?: string) => ({
  agent: { name: 'tester', tools },
  scope: { directory: '/srv', ...(workspace === undefined ? {} : { workspace }) },
  person: { id: telegramUser(501) },
});
const namesOf = (tools: readonly { readonly name: string }[]): string[] => tools.map(({ name }) => name);

describe('The catalog of tools', () => {
  it('offers an agent the tools that it names, in the order of their sources', () => {
    const catalog = makeToolCatalog([toolSource('files', named('read_file', 'list_files')), toolSource('web', named('search_web'))]);
    expect(namesOf(catalog.toolsFor(caller(['search_web', 'read_file', 'no_such_tool'])))).to.deep.equal(['read_file', 'search_web']);
    expect(namesOf(catalog.list())).to.deep.equal(['read_file', 'list_files', 'search_web']);
  });

  it('offers none that the workspace or the person may not use', () => {
    const catalog = makeToolCatalog(
      [toolSource('notion', named('query_notion')), toolSource('files', named('read_file'))],
      ({ name }, { scope, person }) => name !== 'query_notion' || (scope.workspace === 'Railway' && person.id === telegramUser(501)),
    );
    const both = ['query_notion', 'read_file'];
    expect(namesOf(catalog.toolsFor(caller(both, 'Railway')))).to.deep.equal(both);
    expect(namesOf(catalog.toolsFor(caller(both)))).to.deep.equal(['read_file']);
    expect(namesOf(catalog.toolsFor({ ...caller(both, 'Railway'), person: { id: telegramUser(502) } }))).to.deep.equal(['read_file']);
  });

  it('refuses two tools of one name, and names both sources', () => {
    expect(() => makeToolCatalog([toolSource('files', named('read')), toolSource('mcp:notes', named('read'))])).to.throw(
      TypeError,
      '2 tools are named "read": they come from "files" and "mcp:notes"',
    );
  });
});
