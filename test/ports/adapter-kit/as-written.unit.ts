import { expect } from 'chai';
import fc from 'fast-check';
import { toTelegramText } from '../../../src/adapters/telegram/format/markdown.ts';
import { shown } from '../../adapters/telegram/format/samples.ts';
import { renderOnPage } from '../../support/page-markdown.ts';

const KEPT: Readonly<Record<string, readonly string[]>> = {
  'an address': [
    'See https://example.com/api/_v1_ for it',
    'https://github.example/o/r/blob/main/pkg/__init__.py#L16',
    'https://example.com/?q=*x*&r=*y*',
    'http://example.com/~~old~~/x',
    '(see https://wiki.example/A_(b)_c)',
    'file:///a/_b_/c and postgres://localhost/_db_ and ssh://git@a.example/_x_.git',
    'docs.example.org/3/__main__.html and @_some_name_',
    'http://[2001:db8::1]:8080/_a_/x*y*z and http://[::1]/_x_',
    'https://münchen.example/straße_*a*_b and https://例え.example/パス/_あ_/**い**',
    '见https://a.example/_x_/y_z_，谢谢',
  ],
  'a path': [
    'pkg/__init__.py and __init__.py and src/_a_/b',
    'C:\\Users\\_tmp_\\*x and \\\\server\\share\\_a_',
    'src/**/*.ts and test/**/*.ts',
    'src/*.ts and test/*.ts',
    '**/node_modules/** and **/dist/**',
    '*.ts, *.js or *.md',
    '*.ts,*.js',
    'kept-*.log and tmp-*.log',
    'foo_*_bar and foo_*_baz',
    'src/**, test/**',
    'chmod +x *; chown *:* x',
    '.\\_a_\\*x and %APPDATA%\\_x_\\*',
  ],
  arithmetic: [
    '5! = 5*4*3*2*1',
    '100*100/400*56',
    'price*qty*tax',
    'a*b = c*d, x*y and z*w',
    '2**10 and 3**2, x**2 + y**2, (a)**(b)**(c)',
    '2*(3+4)*5 and (a+b)*(c+d)*(e+f)',
    '>= 5 items',
    '>5 and <3',
    '２＊３＊４＝２４ and ２*３*４＝２４',
    '面积=长*宽*高',
    '价格*数量*税率=总额，谢谢',
    '넓이 = 길이*너비*높이 and 길이*너비*높이',
  ],
  code: [
    'f(*args, **kwargs) and g(*a, **b)',
    'int *p, *q; char**argv',
    'SELECT t.*, u.* FROM t, u',
    'the __init__ method and __name__ == "__main__"',
    'arr[i](x) and handlers[name](event.target)',
    'Map<key:value>',
    '>>> print(1)',
    '\\d+\\.\\d+ and \\w* and .*foo.* and ^a.*b.*$',
    '\\(x^2\\) and \\[ y \\]',
    'curl \\\n-H x',
    '"*" and "**" and "*"',
    '$_GET_ and snake_case_name and a_b_c',
    '**kwargs and 2**n',
    '(_, _) => _ and [_, x, _]',
    '{{_z_}} and {{*w*}}',
    'GRANT ALL ON *.* TO u; Accept: */*, Access: *, text/*',
    '__FILE__, __VA_ARGS__, __init_subclass__ and __global__ void f()',
    '{"a_b": "*x*", "_c_": [1, {"d": "**"}], "e": "**"}',
    '*_* and >_< and (*_*) and ¯\\_(ツ)_/¯',
  ],
  'a formula': ['\\(a\\_1*b*c\\) and \\[x_1 = \\frac{a}{b}\\]', '$\\alpha_1 \\_ \\{x\\}$ and $$\\sum_{i=1}^{n} x_i*y_i*z_i \\\\[2pt]$$'],
  'a cron expression': ['* * * * *', '* 9 * * 1-5 make', '*/5 * * * * run', '0 9 * * MON-FRI'],
};

const EMPHASISED: readonly (readonly [string, string, ...string[]])[] = [
  [
    '**bold** *italic* __bold__ _it_ ~~s~~',
    'bold italic bold it s',
    'Bold "bold"',
    'Italic "italic"',
    'Bold "bold"',
    'Italic "it"',
    'Strike "s"',
  ],
  ['**注意：**请先备份', '注意：请先备份', 'Bold "注意："'],
  ['含**「重点」**内容', '含「重点」内容', 'Bold "「重点」"'],
  ['**Markdown（マークダウン）**は軽量', 'Markdown（マークダウン）は軽量', 'Bold "Markdown（マークダウン）"'],
  ['그는 **"안녕"**이라고', '그는 "안녕"이라고', 'Bold "\\"안녕\\""'],
  ['他说**“你好”**然后', '他说“你好”然后', 'Bold "“你好”"'],
  ['**"สวัสดี"**ครับ', '"สวัสดี"ครับ', 'Bold "\\"สวัสดี\\""'],
  ['这是**粗体**文字，~~「删」~~了', '这是粗体文字，「删」了', 'Bold "粗体"', 'Strike "「删」"'],
  ['**Haupt**bahnhof, **5**th, **foo**.bar', 'Hauptbahnhof, 5th, foo.bar', 'Bold "Haupt"', 'Bold "5"', 'Bold "foo"'],
  ['**Yes**/**No** (**x**)', 'Yes/No (x)', 'Bold "Yes"', 'Bold "No"', 'Bold "x"'],
  ['*A sentence.* **Note:** text', 'A sentence. Note: text', 'Italic "A sentence."', 'Bold "Note:"'],
  ['**https://example.com/_a_/**', 'https://example.com/_a_/', 'Bold "https://example.com/_a_/"'],
  ['***both*** and *a **b** c*', 'both and a b c', 'Bold "both"', 'Italic "both"', 'Italic "a b c"', 'Bold "b"'],
  ['\\*a\\* \\_b\\_ \\`c\\` 1\\. \\$5', '*a* _b_ `c` 1\\. $5'],
  ['1\\. no list', '1. no list'],
  ['**/new** or */help*, see **/etc/hosts**.', '/new or /help, see /etc/hosts.', 'Bold "/new"', 'Italic "/help"', 'Bold "/etc/hosts"'],
  ['**Step 1:**Do *this*. **Hinweis!**Bitte', 'Step 1:Do this. Hinweis!Bitte', 'Bold "Step 1:"', 'Italic "this"', 'Bold "Hinweis!"'],
  ['هذا *مائل*، و**غامق**؛ و*ب*۔', 'هذا مائل، وغامق؛ و*ب*۔', 'Italic "مائل"', 'Bold "غامق"'],
  ['यह *तिरछा*। **मोटा**।', 'यह तिरछा। मोटा।', 'Italic "तिरछा"', 'Bold "मोटा"'],
  ['costs $5 or **$6**, not $7 *a* $8', 'costs $5 or $6, not $7 a $8', 'Bold "$6"', 'Italic "a"'],
];

const BLOCKS = [
  '- a = 1\n+ a = 2',
  '--- a/x.ts\n+++ b/x.ts\n@@ -1,2 +1,2 @@\n-old *line* x\n+new *line* y\n context',
  '{\n  "a": "*x*",\n  "b": [\n    1\n  ]\n}',
  '$$\na \\\\[2pt]\n+ b_1 * c_1 * d\n= c\n$$',
  '\\[\na\n- b_{1}\n\\]',
  '\\begin{aligned}\n- a &= *b* \\\\\n\\end{aligned}',
];

describe('What is not meant as Markdown', () => {
  for (const [what, texts] of Object.entries(KEPT))
    for (const text of texts) {
      it(`stays as it was written: ${what}: ${JSON.stringify(text)}`, () => {
        const formatted = toTelegramText(text);
        expect(formatted.text).to.equal(text);
        expect(shown(formatted)).to.deep.equal([]);
        expect(renderOnPage(text).textContent).to.equal(text);
      });
      // What only a line's beginning would make special.
      if (!/^[>*]/.test(text))
        it(`stays as it was written in the middle of a text: ${what}: ${JSON.stringify(text)}`, () => {
          const within = `say ${text} too`;
          expect(toTelegramText(within)).to.deep.equal({ text: within, entities: [] });
          expect(renderOnPage(within).textContent).to.equal(within);
        });
    }

  for (const [markdown, text, ...entities] of EMPHASISED)
    it(`takes nothing from what is: ${markdown}`, () => {
      const formatted = toTelegramText(markdown);
      expect(formatted.text).to.equal(text);
      expect(shown(formatted)).to.deep.equal(entities);
      expect(renderOnPage(markdown).textContent).to.equal(text);
    });

  for (const text of BLOCKS)
    it(`stays as it was written, with its lines: ${JSON.stringify(text)}`, () => {
      expect(toTelegramText(text)).to.deep.equal({ text, entities: [] });
      expect(toTelegramText(`So:\n\n${text}\n\nand`).text).to.equal(`So:\n\n${text}\n\nand`);
      expect(renderOnPage(text).textContent).to.equal(text);
    });

  it('takes nothing from lists within lists, nor from what follows a formula or a growing one', () => {
    expect(toTelegramText('- a\n  + b\n  + c').text).to.equal('• a\n   • b\n   • c');
    expect(toTelegramText('+ **Fast**\n- **Dear**').text).to.equal('• Fast\n\n• Dear');
    expect(toTelegramText('$$x$$\n\n- **a**').text).to.equal('$$x$$\n\n• a');
    expect(toTelegramText('$$\na\n+ b').text).to.equal('$$\na\n+ b');
  });

  it('keeps every letter of products, powers and paths of any names and numbers', () => {
    const operand = fc.oneof(fc.constantFrom('a', 'qty', 'x1', 'price_eur', 'π', 'größe'), fc.nat({ max: 999 }).map(String));
    const product = fc.tuple(
      operand,
      fc.array(fc.tuple(fc.constantFrom('*', '**', '/', '+', '_'), operand), { minLength: 1, maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(product, { minLength: 1, maxLength: 3 }), (products) => {
        const text = products.map(([first, rest]) => `${first}${rest.flat().join('')}`).join(' = ');
        expect(toTelegramText(text)).to.deep.equal({ text, entities: [] });
      }),
      { numRuns: 500 },
    );
  });
});
