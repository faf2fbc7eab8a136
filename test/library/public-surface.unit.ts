import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseSync } from 'oxc-parser';
import { PUBLIC_NAMES } from './public-names.ts';

const root = join(import.meta.dirname, '../..');

/** The names that an entry exports, types included; `export *` can't be listed, and is told as such. */
const namesOf = (entry: string): readonly string[] => {
  const source = readFileSync(join(root, `src/${entry}/index.ts`), 'utf8');
  const { program } = parseSync('index.ts', source);
  return program.body
    .flatMap((statement): string[] => {
      if (statement.type === 'ExportAllDeclaration') return [`export * from '${statement.source.value}'`];
      if (statement.type !== 'ExportNamedDeclaration') return [`a statement that is not a named export: ${statement.type}`];
      return statement.specifiers.map(({ exported }) => ('name' in exported ? exported.name : exported.value));
    })
    .toSorted();
};

describe('The public surface', () => {
  for (const [entry, names] of Object.entries(PUBLIC_NAMES))
    it(`of kept/${entry} holds these names, and no others`, () => {
      expect(namesOf(entry)).to.deep.equal(names.toSorted());
    });

  it('of kept itself is that of application, domain and ports, with the makeKept of the library', () => {
    const source = readFileSync(join(root, 'src/index.ts'), 'utf8');
    expect([...source.matchAll(/^export .*$/gm)].map(([line]) => line)).to.deep.equal([
      "export * from './application/index.ts';",
      "export * from './domain/index.ts';",
      "export { makeKept } from './library/make-kept.ts';",
      "export * from './ports/index.ts';",
    ]);
  });

  it('says for each name whether it is to make a Kept, to drive it, or to bring parts of your own', () => {
    for (const [entry, groups] of [
      ['application', 3],
      ['domain', 3],
      ['ports', 2],
      ['testing', 1],
    ] as const) {
      const source = readFileSync(join(root, `src/${entry}/index.ts`), 'utf8');
      expect(source.match(/^\/\/ (Make it|Drive it|Bring your own): /gm), entry).to.have.length(groups);
      expect(source.indexOf('\n// '), entry).to.be.below(source.indexOf('\nexport '));
    }
  });
});
