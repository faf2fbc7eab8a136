import { globSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const root = new URL('../../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');

describe('The habits of the code', () => {
  it('leave optional properties exact: undefined is never a value of one', () => {
    expect(JSON.parse(text('tsconfig.json')).compilerOptions).to.include({ exactOptionalPropertyTypes: true, strict: true });
  });

  it('spread no literal, which only puts several properties on one line', () => {
    const files = globSync('{src,test,bench,scripts,examples}/**/*.ts', { cwd: root.pathname });
    expect(files.length).to.be.above(900);
    // Put together here, so that this file does not find itself.
    const literal = `${'.'.repeat(3)}{`;
    expect(files.filter((file) => text(file).includes(literal))).to.deep.equal([]);
  });
});
