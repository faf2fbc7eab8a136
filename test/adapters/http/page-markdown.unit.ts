import { expect } from 'chai';
import { HOSTILE_TEXTS, slowTexts } from '../../support/hostile-texts.ts';
import { renderOnPage } from '../../support/page-markdown.ts';

const html = (text: string): string => renderOnPage(text).html;

describe('Markdown on the page', () => {
  for (const [title, text, expected] of [
    ['a paragraph with its line ends', 'one\ntwo\n\nthree', '<p>one\ntwo</p><p>three</p>'],
    [
      'a table with its alignment',
      'Here:\n\n| a | b | c |\n|---|:-:|--:|\n| 1 | **2** | `3` |\n| 4 |',
      '<p>Here:</p><div class="wide"><table><thead><tr><th>a</th><th class="center">b</th><th class="right">c</th></tr></thead><tbody><tr><td>1</td><td class="center"><strong>2</strong></td><td class="right"><code>3</code></td></tr><tr><td>4</td><td class="center"></td><td class="right"></td></tr></tbody></table></div>',
    ],
    [
      'a table without outer pipes, right after a line of text, with a pipe in a cell',
      'a | b\n--|--\n1 \\| 2 | 3\n\nafter',
      '<div class="wide"><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1 | 2</td><td>3</td></tr></tbody></table></div><p>after</p>',
    ],
    ['a list within a list', '- a\n  - b\n    - c\n- d', '<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ul>'],
    [
      'a list of bullets followed by numbers as two lists',
      '- item\n  - nested\n1. one\n2. two',
      '<ul><li>item<ul><li>nested</li></ul></li></ul><ol><li>one</li><li>two</li></ol>',
    ],
    [
      'numbers within bullets and bullets within numbers',
      '- a\n  1. b\n     - c',
      '<ul><li>a<ol><li>b<ul><li>c</li></ul></li></ol></li></ul>',
    ],
    ['the number that a list begins with', '3. c\n4. d', '<ol start="3"><li>c</li><li>d</li></ol>'],
    ['paragraphs within an item', '- a\n\n  b\n- c', '<ul><li><p>a</p><p>b</p></li><li><p>c</p></li></ul>'],
    ['an item that goes on in a further line', '- a\n  b', '<ul><li>a\nb</li></ul>'],
    [
      'code within an item',
      '1. a\n   ```sh\n   ls\n   ```\n2. b',
      '<ol><li>a<div class="fence"><span class="language">sh</span><pre><code>ls</code></pre></div></li><li>b</li></ol>',
    ],
    ['a rule of each kind', 'a\n\n---\n***\n_ _ _', '<p>a</p><hr><hr><hr>'],
    ['a line of dashes right below a text as a rule', 'a\n---\nb', '<p>a</p><hr><p>b</p>'],
    [
      'task boxes, which nobody can tick',
      '- [ ] a\n- [x] **b**\n- [X] c\n  - [ ] d',
      '<ul><li class="task-item"><input type="checkbox" disabled=""> a</li><li class="task-item"><input type="checkbox" disabled="" checked=""> <strong>b</strong></li><li class="task-item"><input type="checkbox" disabled="" checked=""> c<ul><li class="task-item"><input type="checkbox" disabled=""> d</li></ul></li></ul>',
    ],
    [
      'task boxes in a numbered list with blank lines',
      '1. [ ] a\n\n2. [x] b',
      '<ol><li class="task-item"><p><input type="checkbox" disabled=""> a</p></li><li class="task-item"><p><input type="checkbox" disabled="" checked=""> b</p></li></ol>',
    ],
    [
      'brackets that are no task boxes as they are',
      '[ ] a\n- [y] b\n- [x](https://a.example)',
      '<p>[ ] a</p><ul><li>[y] b</li><li><a href="https://a.example">x</a></li></ul>',
    ],
    [
      'an image as a link with its description',
      'see ![a cat](https://a.example/cat.png)!',
      '<p>see <a href="https://a.example/cat.png">a cat</a>!</p>',
    ],
    [
      'an image without a description as its address',
      '![](https://a.example/c.png)',
      '<p><a href="https://a.example/c.png">https://a.example/c.png</a></p>',
    ],
    [
      'an image within a link as the link',
      '[![a cat](https://a.example/c.png)](https://b.example)',
      '<p><a href="https://b.example">a cat</a></p>',
    ],
    [
      'quotes within quotes',
      '> a\n> > b\n>\n> - c',
      '<blockquote><p>a</p><blockquote><p>b</p></blockquote><ul><li>c</li></ul></blockquote>',
    ],
    ['headings below the page’s own', '# a\n## b ##\n###### c', '<h3>a</h3><h4>b</h4><h6>c</h6>'],
    ['indented code', 'a\n\n    b\n      c', '<p>a</p><div class="fence"><pre><code>b\n  c</code></pre></div>'],
    [
      'a fence that is not closed yet',
      '~~~py\na = 1\n',
      '<div class="fence"><span class="language">py</span><pre><code>a = 1</code></pre></div>',
    ],
    ['code with backticks', 'a `` b`c `` d', '<p>a <code>b`c</code> d</p>'],
    [
      'emphasis within emphasis, across lines',
      '**a *b*\n~~c~~** __d__ _e_',
      '<p><strong>a <em>b</em>\n<s>c</s></strong> <strong>d</strong> <em>e</em></p>',
    ],
    ['what only looks like emphasis as it is', '2 * 3 * 4, snake_case_name, a ** b', '<p>2 * 3 * 4, snake_case_name, a ** b</p>'],
    ['a backslash before a mark as the mark', '\\*a\\* \\[b](c)', '<p>*a* [b](c)</p>'],
    ['entities as their letters, never as markup', '&lt;b&gt; &amp; &copy;', '<p>&lt;b> & ©</p>'],
    ['HTML as text', '<b>a</b>\n\n<script>x</script>', '<p>&lt;b>a&lt;/b></p><p>&lt;script>x&lt;/script></p>'],
    [
      'a definition of a reference as text',
      '[a]: https://a.example "b"',
      '<p>[a]: <a href="https://a.example">https://a.example</a> "b"</p>',
    ],
  ] as const)
    it(`shows ${title}`, () => {
      expect(html(text)).to.equal(expected);
    });

  for (const [text, address] of [
    ['https://a.example', 'https://a.example'],
    ['https://a.example/b_c_d*e*', 'https://a.example/b_c_d*e*'],
    ['*see https://a.example/b_c_d*', 'https://a.example/b_c_d'],
    ['https://a.example/api/_v1_.', 'https://a.example/api/_v1_'],
    ['http://[2001:db8::1]:8080/_a_', 'http://[2001:db8::1]:8080/_a_'],
    ['„https://a.example/b“', 'https://a.example/b'],
    ['访问https://a.example/b。然后', 'https://a.example/b'],
    ['（https://a.example/b_（c））', 'https://a.example/b_（c）'],
    ['http://localhost:9000/?a=1&b=2#c', 'http://localhost:9000/?a=1&b=2#c'],
    ['(https://a.example/b)', 'https://a.example/b'],
    ['https://a.example/b_(c)', 'https://a.example/b_(c)'],
    ['**https://a.example**', 'https://a.example'],
    ['"https://a.example", he said', 'https://a.example'],
    ['see https://a.example/b.', 'https://a.example/b'],
    ['<https://a.example/b>', 'https://a.example/b'],
    ['HTTPS://A.example', 'HTTPS://A.example'],
  ] as const)
    it(`makes a link of ${address} in ${text}`, () => {
      expect(html(text)).to.include(`<a href="${address}">${address}</a>`);
    });

  for (const text of [
    '[a](javascript:alert(1))',
    '[a](JaVaScRiPt:alert(1))',
    '[a](data:text/html,b)',
    '[a](vbscript:b)',
    '[a](file:///etc/passwd)',
    '[a](/api/promises)',
    '[a](//evil.example)',
    '[a](&#106;avascript:alert(1))',
    '![a](data:image/png;base64,b)',
    '<javascript:alert(1)>',
    'xhttp://a.example',
    'http:// a',
    'https://',
  ])
    it(`makes no link of ${text}`, () => {
      expect(html(text)).not.to.include('<a ');
    });

  for (const [text, host] of [
    ['[https://bank.example](https://evil.example/x)', 'evil.example'],
    ['[bank.example](https://evil.example)', 'evil.example'],
    ['[**www.bank.example**/login](https://evil.example/bank.example)', 'evil.example'],
    ['[Go to http://bank.example now](https://evil.example)', 'evil.example'],
    ['[https://bank.example@evil.example](https://evil.example)', 'evil.example'],
    ['[https://bank.example](https://bank.example@evil.example)', 'evil.example'],
    ['[https://bank.example](https://bank.example.evil.example)', 'bank.example.evil.example'],
    ['[bank。example](https://evil.example)', 'evil.example'],
    ['[bank\u200b.example](https://evil.example)', 'evil.example'],
    ['[me@bank.example](https://evil.example)', 'evil.example'],
    ['[127.0.0.1](https://evil.example)', 'evil.example'],
    ['[https://bänk.example](https://evil.example)', 'evil.example'],
    ['![https://bank.example](https://evil.example/x.png)', 'evil.example'],
    ['[bank.example:443](https://evil.example)', 'evil.example'],
    ['[https://bank.example:443/login](https://evil.example)', 'evil.example'],
    ['[bank.example|official](https://evil.example)', 'evil.example'],
    ['[bank.example—official](https://evil.example)', 'evil.example'],
    ['[~bank.example~](https://evil.example)', 'evil.example'],
    ['[=bank.example=](https://evil.example)', 'evil.example'],
    ['[‹bank.example›](https://evil.example)', 'evil.example'],
    ['[bank.example✓](https://evil.example)', 'evil.example'],
    ['[🔒bank.example%](https://evil.example)', 'evil.example'],
    ['[bank.example!!!1](https://evil.example)', 'evil.example'],
    ['[bank·example](https://evil.example)', 'evil.example'],
    ['[bank․example](https://evil.example)', 'evil.example'],
    ['[bank\u034f.example](https://evil.example)', 'evil.example'],
    ['[bank\u2800.example](https://evil.example)', 'evil.example'],
    ['[bank.ex\u0301ample](https://evil.example)', 'evil.example'],
    ['[localhost:9000](https://evil.example)', 'evil.example'],
  ] as const)
    it(`shows the true host behind ${text}`, () => {
      expect(renderOnPage(text).textContent).to.match(new RegExp(` \\(${host}\\)$`));
    });

  for (const text of [
    '[the bank](https://bank.example)',
    '[https://bank.example](https://bank.example/login)',
    '[bank.example](https://www.bank.example)',
    '[Bank.example/a.b](https://bank.example/a)',
    '[bank.example](https://online.bank.example)',
    '[step 1.5, e.g. this](https://a.example)',
    '[bank.example:443](https://bank.example)',
    '[chapter: the end; 3.1.4 = 5](https://a.example)',
    '[https://bänk.example](https://xn--bnk-qla.example)',
  ])
    it(`adds no host to ${text}`, () => {
      expect(renderOnPage(text).textContent).not.to.include(' (');
    });

  it('drops marks of direction, also those that come as entities', () => {
    expect(renderOnPage('a\u202eb &#x202e;c `\u2066d` [e&#x202e;](https://a.example)').textContent).to.equal('ab c d e');
  });

  for (const length of [100_000, 400_000])
    it(`takes no hostile text of ${length} characters much longer than a plain one`, () => {
      expect(slowTexts(renderOnPage, length)).to.deep.equal([]);
    }).timeout(60_000);

  it('makes no more elements of any text than a browser shows at once, and loses nothing of it', () => {
    const letters = (text: string): string => text.replace(/[^a-z]/g, '');
    for (const [title, make] of Object.entries(HOSTILE_TEXTS)) {
      const text = make(20_000);
      const shown = renderOnPage(text);
      expect(shown.size, title).to.be.at.most(10_000);
      if (!/[&\\[]|~{3}|`{3}/.test(text) && !/table|head above|row/.test(title))
        expect(letters(shown.textContent), title).to.equal(letters(text));
    }
  });

  it('shows what is past its limits as it was written', () => {
    const many = `${'**a** '.repeat(1_200)}\n\n- **b**\n`;
    const shown = renderOnPage(many).html;
    expect(shown).to.match(/^<p><strong>a<\/strong> <strong>a/);
    expect(shown).to.match(/\*\*a\*\* \*\*a\*\*<\/p><ul><li><strong>b<\/strong><\/li><\/ul>$/);
    const items = Array.from({ length: 2_000 }, (_, i) => `- item ${i}`).join('\n');
    expect(renderOnPage(items).textContent.match(/item \d+/g)).to.have.length(2_000);
    const rows = `| a | b |\n|---|---|\n${Array.from({ length: 2_000 }, (_, i) => `| row ${i} | c |`).join('\n')}`;
    expect(renderOnPage(rows).textContent.match(/row \d+/g)).to.have.length(2_000);
    const deep = Array.from({ length: 60 }, (_, i) => `${'  '.repeat(i)}- level ${i}`).join('\n');
    expect(renderOnPage(deep).textContent.match(/level \d+/g)).to.have.length(60);
    const lines = Array.from({ length: 12_000 }, (_, i) => `line ${i}`).join('\n');
    expect(renderOnPage(lines).textContent.match(/line \d+/g)).to.have.length(12_000);
  });
});
