import { expect } from 'chai';
import { DEFAULT_LOCAL_CHAT } from '../../src/domain/index.ts';
import { localMessage } from '../../src/testing/index.ts';
import { HOSTILE_TEXTS, plainText } from '../support/hostile-texts.ts';
import { byTestId, connected, usePages, write } from '../support/page.ts';

describe('The page against hostile texts', () => {
  const { open } = usePages();
  const ATTACK = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> [go](javascript:window.hacked=1)';

  it('shows markup from anywhere as text, and runs none of it', async () => {
    const { page, say, promise, run, complete, chat, complaints } = await open();
    await connected(page);
    await write(page, ATTACK);
    await page.waitForSelector(byTestId('message-operator'));
    await say(`${ATTACK}\n\`\`\`${'<b>'}\n${ATTACK}\n\`\`\`\n- ${ATTACK}\n> ${ATTACK}\n# ${ATTACK}`, { replyTo: localMessage(1) });
    const { id } = promise(ATTACK);
    run(id);
    complete(id, ATTACK);
    void chat.showDraft({ chatId: DEFAULT_LOCAL_CHAT, text: ATTACK, deliveryKey: '1' });
    await page.waitForSelector(byTestId('draft'));
    await page.waitForSelector(byTestId('result'));
    await page.waitForSelector(byTestId('message-agent'));
    expect(await page.textContent(`${byTestId('message-operator')} p`)).to.equal(ATTACK);
    expect(await page.locator('main img, main script, :is(.bubble, .task, .result) a').count()).to.equal(0);
    expect(await page.evaluate('window.hacked')).to.equal(undefined);
    expect(complaints).to.deep.equal([]);
  });

  it('shows each part of a text in its own direction, and lets no text turn others around', async () => {
    const controls = '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c';
    const spoof = `pay ${controls}001 euro`;
    const { page, say, promise, run, complete, fail, chat } = await open();
    await connected(page);
    await write(page, spoof);
    await page.waitForSelector(byTestId('message-operator'));
    const link = `https://a.example/${controls}b`;
    await say(
      `${spoof}\n\nשלום \`${spoof}\` **${spoof}**\n- ${spoof}\n> ${spoof}\n# ${spoof}\n\`\`\`x\n${spoof}\n\`\`\`\n[${spoof}](${link}) ${link}`,
      { replyTo: localMessage(1) },
    );
    const [kept, broken] = [promise(spoof), promise(spoof)];
    for (const { id } of [kept, broken]) run(id);
    complete(kept.id, spoof);
    fail(broken.id, spoof);
    void chat.showDraft({ chatId: DEFAULT_LOCAL_CHAT, text: spoof, deliveryKey: '1' });
    for (const id of ['draft', 'result', 'error', 'message-agent']) await page.waitForSelector(byTestId(id));
    const anyControl = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
    const shown = await page.evaluate(`[document.body.textContent, ...[...document.querySelectorAll('[title],[aria-label]')].flatMap(
      (one) => [one.getAttribute('title'), one.getAttribute('aria-label')])].join('\\n')`);
    expect(shown).to.include('pay 001 euro');
    expect(shown).not.to.match(anyControl);
    const bounds =
      await page.evaluate(`[...document.querySelectorAll('.bubble > *, .result > *, li > code, p > code, p > a, .reply-to, .task, .error')]
      .filter((one) => one.textContent.includes('001'))
      .map((one) => [one.matches('.fence, ul') ? one.querySelector('pre, li') : one][0])
      .map((one) => [one.tagName, one.dir, getComputedStyle(one).unicodeBidi])`);
    expect((bounds as unknown[]).length).to.be.greaterThan(12);
    for (const [tag, direction, isolation] of bounds as string[][]) {
      expect(direction, tag).to.equal(tag === 'PRE' ? 'ltr' : 'auto');
      expect(isolation, tag).to.equal('isolate');
    }
    expect(await page.evaluate("getComputedStyle([...document.querySelectorAll('.agent .bubble > p')].at(1)).direction")).to.equal('rtl');
  });

  it('runs no script that was inserted into the page', async () => {
    const { page, complaints } = await open();
    await connected(page);
    await page.evaluate("document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.hacked = 1' }))");
    expect(await page.evaluate('window.hacked')).to.equal(undefined);
    expect(complaints.join()).to.match(/Content Security Policy/);
  });

  it('renders a hostile text in not much longer than a plain one', async () => {
    const { page } = await open();
    await connected(page);
    const titles = ['backtick runs of growing lengths', 'images one behind the other', 'openings of images', 'opening brackets'];
    titles.push(
      'quotes in one line',
      'a table of many rows',
      'rules',
      'fences that open and close',
      'bullets a line each',
      'lists of growing indent',
    );
    const texts = titles.map((title) => [title, HOSTILE_TEXTS[title]?.(100_000) ?? ''] as const);
    const show = async (text: string): Promise<number> =>
      (await page.evaluate(`(async () => {
        const { renderMarkdown } = await import('/markdown.js');
        const log = document.getElementById('log');
        const from = performance.now();
        const bubble = document.createElement('div');
        bubble.className = 'bubble';
        bubble.append(renderMarkdown(${JSON.stringify(text)}));
        log.append(bubble);
        void log.offsetHeight;
        const took = performance.now() - from;
        bubble.remove();
        return took;
      })()`)) as number;
    for (const [title, text] of texts) {
      const ratios: number[] = [];
      while (ratios.length < 4 && !ratios.some((ratio) => ratio < 20)) ratios.push((await show(text)) / (await show(plainText(100_000))));
      expect(Math.min(...ratios), title).to.be.below(20);
    }
  });
});
