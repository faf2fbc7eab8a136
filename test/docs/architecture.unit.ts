import { existsSync, globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect } from 'chai';
import { readFacts } from '../../scripts/imports.ts';
import { AREAS } from '../../scripts/layers.ts';

const root = new URL('../../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const page = text('docs/explanation/architecture.md');

/** `src/adapters/http/x.ts` is in `adapters`; `src/index.ts` in none of the drawing's boxes. */
const boxOf = (file: string): string | undefined => /^src\/([^/]+)\//.exec(file)?.[1];

/** Which box imports which, as the code has it. */
const importsOfCode = (): Set<string> => {
  const found = new Set<string>();
  for (const path of globSync('src/**/*.{ts,js}', { cwd: root.pathname })) {
    const file = path.replaceAll('\\', '/');
    for (const { specifier } of readFacts(file, text(file)).references) {
      if (!specifier?.startsWith('.')) continue;
      const [from, to] = [boxOf(file), boxOf(posix.join(posix.dirname(file), specifier))];
      if (from !== undefined && to !== undefined && from !== to) found.add(`${from} --> ${to}`);
    }
  }
  return found;
};

describe('The page on the architecture', () => {
  it('draws the imports that the code has, and no others', () => {
    const drawn = [...page.matchAll(/^ {2}(\w+ --> \w+)$/gm)].map(([, arrow]) => arrow as string);
    expect(drawn.toSorted()).to.deep.equal([...importsOfCode()].toSorted());
  });

  it('lists the areas of the application in their order', () => {
    const table = /## The areas of the application\n(.*?)\n## /s.exec(page)?.[1] ?? '';
    const listed = [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, names]) =>
      [...(names as string).matchAll(/`([\w-]+)`/g)].map(([, name]) => name as string),
    );
    expect(listed).to.deep.equal(AREAS['src/application']);
    const telegram = /from top to bottom: ([^.]*)\./.exec(page.replaceAll('\n', ' '))?.[1] ?? '';
    expect([...telegram.matchAll(/`(\w+)`/g)].map(([, name]) => name)).to.deep.equal(AREAS['src/adapters/telegram']);
  });

  for (const path of ['docs/explanation/architecture.md', 'CONTRIBUTING.md'])
    it(`names no file that is not there: ${path}`, () => {
      const named = [...text(path).matchAll(/`((?:src|test|docs|scripts)\/[\w./-]+)`/g)].map(([, file]) => file as string);
      expect(named.length).to.be.above(2);
      expect(named.filter((file) => !existsSync(new URL(file, root)))).to.deep.equal([]);
    });
});
