import { globSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const root = new URL('../../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const rows = [...text('docs/reference/glossary.md').matchAll(/^\| ([^|]+) \| ([^|]+) \|([^|]*)\|$/gm)]
  .map(([, word = '', meaning = '', not = '']) => ({ word: word.trim(), meaning: meaning.trim(), not: not.trim() }))
  .filter(({ word }) => word !== 'word' && !word.startsWith('---'));

/** The words of a name: `makeSendLimiter` is `make`, `send`, `limiter`; neighbours together count, too. */
const wordsOf = (name: string): string[] => {
  const words = name
    .replaceAll('_', ' ')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(' ');
  return [...words, ...words.slice(1).map((word, i) => `${words[i]}${word}`)];
};

/** Every name that a file of `src` exports, with the file. */
const exported = (): { readonly name: string; readonly file: string }[] =>
  globSync('src/**/*.ts', { cwd: root.pathname }).flatMap((file) =>
    [...text(file).matchAll(/^export (?:declare )?(?:const|type|interface|class|function\*?|async function\*?|let) (\w+)/gm)].map(
      ([, name = '']) => ({ name, file }),
    ),
  );

describe('The glossary', () => {
  it('has one row for a word, in the order of the alphabet, each with its meaning', () => {
    const words = rows.map(({ word }) => word);
    expect(words.length).to.be.above(30);
    expect(words).to.deep.equal([...new Set(words)].toSorted((a, b) => a.localeCompare(b)));
    expect(rows.filter(({ meaning }) => meaning === '')).to.deep.equal([]);
  });

  it('is kept by every exported name: none has a word that the glossary replaces', () => {
    const replaced = new Map(
      rows.flatMap(({ word, not }) =>
        not
          .split(/,\s*/)
          .filter(Boolean)
          .map((other) => [other, word] as const),
      ),
    );
    expect(replaced.size).to.be.above(8);
    const names = exported();
    expect(names.length).to.be.above(500);
    const found = names.flatMap(({ name, file }) =>
      wordsOf(name).flatMap((word) => {
        const better = replaced.get(word);
        return better === undefined ? [] : [`${file}: ${name} (say ${better})`];
      }),
    );
    expect(found).to.deep.equal([]);
  });
});
