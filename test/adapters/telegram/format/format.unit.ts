import { expect } from 'chai';
import fc from 'fast-check';
import { Api } from 'telegram/tl/index.js';
import { MAX_PARTS, toTelegramAnswer } from '../../../../src/adapters/telegram/format/answer.ts';
import { toTelegramText } from '../../../../src/adapters/telegram/format/markdown.ts';
import { splitText } from '../../../../src/adapters/telegram/format/split-text.ts';
import { slowTexts } from '../../../support/hostile-texts.ts';
import { expectSound, hostileMarkdown, shown } from './samples.ts';

describe('Telegram format: Markdown as text and entities', () => {
  const cases: Readonly<Record<string, readonly [string, string, ...string[]]>> = {
    'a heading is bold': ['# Plan *now*', 'Plan now', 'Bold "Plan now"', 'Italic "now"'],
    'bold, italic and strike': ['**b** _i_ ~~s~~', 'b i s', 'Bold "b"', 'Italic "i"', 'Strike "s"'],
    'bold in bold is one entity': ['**a **b** c**', 'a b c', 'Bold "a b c"'],
    'styles nest': ['**a _b_**', 'a b', 'Bold "a b"', 'Italic "b"'],
    'inline code keeps its stars': ['`a*b*`', 'a*b*', 'Code "a*b*"'],
    'bold around code is cut, for Telegram takes nothing around code': ['**a `c` b**', 'a c b', 'Bold "a"', 'Code "c"', 'Bold "b"'],
    'a fence with its language': ['```ts title\nlet a;\n```', 'let a;', 'Pre "let a;" ts'],
    'a fence that is still open': ['```\nlet a;', 'let a;', 'Pre "let a;"'],
    'a fence keeps its first indentation': ['```\n  a\nb\n```', '  a\nb', 'Pre "  a\\nb"'],
    'a link': ['[docs](https://a.example/b_c)', 'docs', 'TextUrl "docs" https://a.example/b_c'],
    'a link over code stays a link': ['[`f`](https://a.example/)', 'f', 'TextUrl "f" https://a.example/'],
    'an address as it stands': ['<https://a.example> and <a@b.example>', 'https://a.example and a@b.example'],
    'a link that Telegram would not open shows its address': ['[f](src/f.ts) [s](javascript:x)', 'f (src/f.ts) s (javascript:x)'],
    'a link to this machine shows its address': ['[page](http://localhost:9000)', 'page (http://localhost:9000)'],
    'a link whose text is another address shows its host': [
      '[https://bank.example](https://evil.example/x) [bank.example](https://evil.example) ![www.bank.example/a](https://evil.example)',
      'https://bank.example (evil.example) bank.example (evil.example) www.bank.example/a (evil.example)',
      'TextUrl "https://bank.example" https://evil.example/x',
      'TextUrl "bank.example" https://evil.example/',
      'TextUrl "www.bank.example/a" https://evil.example/',
    ],
    'a link whose text only seems to be its address shows its host': [
      '[https://bank.example](https://bank.example@evil.example) [bank。example](https://bank.example.evil.example) [pay at ba\u200bnk.example](https://evil.example)',
      'https://bank.example (evil.example) bank。example (bank.example.evil.example) pay at ba\u200bnk.example (evil.example)',
      'TextUrl "https://bank.example" https://bank.example@evil.example/',
      'TextUrl "bank。example" https://bank.example.evil.example/',
      'TextUrl "pay at ba\u200bnk.example" https://evil.example/',
    ],
    'a link whose text hides another host among signs shows its host': [
      '[bank.example:443](https://evil.example) [bank.example—official](https://evil.example) [~bank.example~](https://evil.example) [bank·example](https://evil.example) [localhost:9000](https://evil.example)',
      'bank.example:443 (evil.example) bank.example—official (evil.example) ~bank.example~ (evil.example) bank·example (evil.example) localhost:9000 (evil.example)',
      'TextUrl "bank.example:443" https://evil.example/',
      'TextUrl "bank.example—official" https://evil.example/',
      'TextUrl "~bank.example~" https://evil.example/',
      'TextUrl "bank·example" https://evil.example/',
      'TextUrl "localhost:9000" https://evil.example/',
    ],
    'a link whose text is another account of Telegram shows its own': [
      '[@bank_bot](https://t.me/evil_bot) [t.me/bank_bot](https://t.me/evil_bot?start=1) [@bank_bot](https://evil.example) [@bank_bot](https://t.me/bank_bot)',
      '@bank_bot (t.me/evil_bot) t.me/bank_bot (t.me/evil_bot) @bank_bot (evil.example) @bank_bot',
      'TextUrl "@bank_bot" https://t.me/evil_bot',
      'TextUrl "t.me/bank_bot" https://t.me/evil_bot?start=1',
      'TextUrl "@bank_bot" https://evil.example/',
      'TextUrl "@bank_bot" https://t.me/bank_bot',
    ],
    'a link whose text is its address, or no address, is as it was': [
      '[bank.example](https://www.bank.example/login) [step 1.5, e.g. this](https://a.example)',
      'bank.example step 1.5, e.g. this',
      'TextUrl "bank.example" https://www.bank.example/login',
      'TextUrl "step 1.5, e.g. this" https://a.example/',
    ],
    'marks of direction are dropped, also those that come as entities': [
      'a\u202eb &#x202e;c `\u2066d\u2069` **\u200f** [e\u202d](https://a.example)',
      'ab c d **** e',
      'Code "d"',
      'TextUrl "e" https://a.example/',
    ],
    'a link without text': ['[](https://a.example/)', 'https://a.example/'],
    'an image is a link': ['![cat](https://a.example/c.png)', 'cat', 'TextUrl "cat" https://a.example/c.png'],
    'a quote': ['> a\n> b\n\nc', 'a\nb\n\nc', 'Blockquote "a\\nb"'],
    'a quote in a quote is the same quote': ['> a\n> > b', 'a\n\nb', 'Blockquote "a\\n\\nb"'],
    'code in a quote': ['> ```\n> c\n> ```', 'c', 'Blockquote "c"', 'Pre "c"'],
    'an empty quote before code': ['>\u00a0\n```\nabc', 'abc', 'Pre "abc"'],
    'code with an indentation at the start of a quote': ['>      a', ' a', 'Blockquote " a"', 'Pre " a"'],
    'a spoiler': ['the end: ||**he** did it||.', 'the end: he did it.', 'Spoiler "he did it"', 'Bold "he"'],
    'an "or" is no spoiler': ['a || b || c, a||b||c, ||', 'a || b || c, a||b||c, ||'],
    'an escaped spoiler is text': ['\\|\\|a\\|\\|', '||a||'],
    'a spoiler that would cross a style is text': ['**a ||b** c||', 'a ||b c||', 'Bold "a ||b"'],
    'a spoiler between two styles is text': ['**a ||b** *c|| d*', 'a ||b c|| d', 'Bold "a ||b"', 'Italic "c|| d"'],
    'lists as text': ['- a\n- b\n  1. c\n  2. d\n\ne', '• a\n• b\n   1. c\n   2. d\n\ne'],
    'a list goes on with its own numbers': ['3. a\n4. b', '3. a\n4. b'],
    'tasks as text': ['- [ ] a\n- [x] b', '• [ ] a\n• [x] b'],
    'a table as aligned code': [
      '| n | name |\n|--|--|\n| 1 | `x` |\n| 22 | 日本 |',
      'n  | name\n---+-----\n1  | x\n22 | 日本',
      'Pre "n  | name\\n---+-----\\n1  | x\\n22 | 日本"',
    ],
    'a rule, also right below a paragraph': ['a\n---\nb', 'a\n\n———\n\nb'],
    'entities of HTML are read, tags are text': ['&lt;b&gt; <b>x</b>', '<b> <b>x</b>'],
    'a line break tag is a line break': ['a<br>b', 'a\nb'],
    'a definition is not lost': ['see [1]\n\n[1]: https://a.example', 'see [1]\n\n[1]: https://a.example'],
    'unbalanced markup is text': ['**a *b `c [d](', '**a *b `c [d]('],
    'markup without content is text': ['****', '———'],
    'offsets count UTF-16 units': ['👍 **👨‍👩‍👧 x**', '👍 👨‍👩‍👧 x', 'Bold "👨‍👩‍👧 x"'],
    'NUL and half characters': ['a\0b \ud800', 'ab \ufffd'],
    nothing: [' \n ', ''],
  };
  for (const [name, [markdown, text, ...entities]] of Object.entries(cases))
    it(name, () => {
      const formatted = toTelegramText(markdown);
      expect(formatted.text).to.equal(text);
      expect(shown(formatted)).to.deep.equal(entities);
    });

  it('a text that nests deeper than the parser follows is shown as it was written', () => {
    for (const markdown of [`${'>'.repeat(500)} deep`, `${'- '.repeat(500)}deep`]) expect(toTelegramText(markdown).text).to.equal(markdown);
  });

  it('hostile markup never throws, takes its time or makes an unsound entity', function () {
    this.timeout(10_000);
    for (const unit of [
      '[',
      '![',
      '[a](',
      '*a ',
      '**a *b ',
      '`',
      '~~a ',
      '||a ',
      '||a||',
      '<a ',
      '&',
      '\\',
      '> ',
      '- ',
      '|',
      '_',
      '***',
      '<br',
      '\n',
    ])
      expectSound(toTelegramText(unit.repeat(20_000)));
    expectSound(toTelegramText(`${'|'.repeat(2_000)}\n${'|-'.repeat(2_000)}|\n${'|1|2|\n'.repeat(500)}`));
  });

  for (const length of [100_000, 400_000])
    it(`takes no hostile text of ${length} characters much longer than a plain one`, function () {
      this.timeout(60_000);
      expect(slowTexts((text) => toTelegramAnswer(text), length)).to.deep.equal([]);
    });

  it('cuts a hostile text with many entities into messages about as fast as a plain one', () => {
    const entities = (text: string) =>
      Array.from({ length: text.length / 20 }, (_, i) => new Api.MessageEntityBold({ offset: i * 20, length: 9 }));
    expect(slowTexts((text) => splitText({ text, entities: entities(text) }), 50_000)).to.deep.equal([]);
  }).timeout(20_000);

  it('shows what is past its limits as it was written, and loses none of it', () => {
    const many = toTelegramText(`${'**a** '.repeat(2_000)}\n\n- b`).text;
    expect(many).to.match(/^a a a/);
    expect(many).to.match(/\*\*a\*\* \*\*a\*\*\n\n• b$/);
    for (const markdown of [
      Array.from({ length: 4_000 }, (_, i) => `- item ${i}`).join('\n'),
      `| a | b |\n|---|---|\n${Array.from({ length: 4_000 }, (_, i) => `| item ${i} | c |`).join('\n')}`,
      Array.from({ length: 12_000 }, (_, i) => `item ${i}`).join('\n'),
      Array.from({ length: 12_000 }, (_, i) => `> item ${i}\n`).join('\n'),
    ]) {
      const items = (text: string): number | undefined => text.match(/item \d+/g)?.length;
      expect(items(toTelegramText(markdown).text)).to.equal(items(markdown));
    }
  });

  it('any Markdown gives sound entities, and loses no letter', () => {
    fc.assert(
      fc.property(hostileMarkdown, (markdown) => {
        const formatted = toTelegramText(markdown);
        expectSound(formatted);
        expect(formatted.text.length > 0 || markdown.replaceAll('\0', '').trim() === '').to.equal(true);
        // What stands behind the opening of a fence is for programs.
        for (const [word] of markdown.replace(/(?:```|~~~).*/g, '').matchAll(/word\d/g)) expect(formatted.text).to.contain(word);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('Telegram format: an answer', () => {
  it('goes as messages while they are few', () => {
    const answer = toTelegramAnswer(`${'word '.repeat(2_000)}`);
    expect(answer.kind === 'messages' && answer.parts.map(({ text }) => text.length)).to.deep.equal([4_094, 4_094, 1_809]);
  });

  it('goes as a file, with its beginning as the caption, past that', () => {
    const markdown = `# Head\n\n${`${'word '.repeat(200)}\n\n`.repeat(4 * (MAX_PARTS + 1))}`;
    const answer = toTelegramAnswer(markdown);
    if (answer.kind !== 'file') throw new Error(answer.kind);
    expect(answer.file.name).to.equal('answer.md');
    expect(answer.file.bytes.toString('utf8')).to.equal(markdown);
    expect(answer.caption.text).to.match(/^Head\n\nword .*\n\n… the whole answer is in the file\.$/s);
    expect(answer.caption.text.length).to.be.at.most(1_024);
    expect(shown(answer.caption)).to.deep.equal(['Bold "Head"']);
  });

  it('that shows nothing gives no message', () => {
    expect(toTelegramAnswer('\u200b\n \u2060')).to.deep.equal({ kind: 'messages', parts: [] });
  });
});
