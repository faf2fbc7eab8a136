import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { promiseId } from '../../src/domain/index.ts';
import { makeScriptedApi } from '../support/http-api.ts';
import { byTestId, connected, usePages } from '../support/page.ts';

describe('The layout of the page', () => {
  const { open, closers } = usePages();

  it('shows one view at a time on a phone, and nothing wider than the screen', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kept-page-'));
    closers.push(() => rm(directory, { recursive: true }));
    const { page, say, promise } = await open({}, { viewport: { width: 390, height: 844 } });
    await connected(page);
    await say(`${'unbroken'.repeat(40)}\n\n\`\`\`\n${'code '.repeat(80)}\n\`\`\``);
    promise('unbroken'.repeat(40));
    await page.waitForSelector(byTestId('message-agent'));
    const isWithin = () => page.evaluate('document.documentElement.scrollWidth <= innerWidth');
    expect(await page.locator(byTestId('cards')).isHidden()).to.equal(true);
    expect(await isWithin()).to.equal(true);
    await page.click(byTestId('tab-promises'));
    await page.waitForSelector(byTestId('promise'));
    expect(await page.locator(byTestId('composer')).isHidden()).to.equal(true);
    expect(await isWithin()).to.equal(true);
    const path = join(directory, 'phone.png');
    await page.screenshot({ path });
    expect((await stat(path)).size).to.be.greaterThan(5_000);
  });

  it('shows tables, nested lists, rules and task boxes, in answers and in results', async () => {
    const { page, say, promise, run, complete, complaints } = await open();
    await connected(page);
    const text = '| a | b |\n|---|--:|\n| 1 | 2 |\n\n- one\n  - two\n    1. three\n- [x] four\n\n---\n\n![five](https://a.example/b.png)';
    await say(text);
    const { id } = promise('all kinds');
    run(id);
    complete(id, text);
    for (const place of [`${byTestId('message-agent')} .bubble`, byTestId('result')]) {
      await page.waitForSelector(place);
      const counted = `[${JSON.stringify(place)} + ' '].flatMap((place) => ['td', 'ul ul ol li', 'hr', 'input:disabled:checked', 'a', 'img']
        .map((kind) => document.querySelectorAll(place + kind).length))`;
      expect(await page.evaluate(counted), place).to.deep.equal([2, 1, 1, 1, 1, 0]);
    }
    expect(await page.evaluate("getComputedStyle(document.querySelector('td.right')).textAlign")).to.equal('right');
    expect(complaints).to.deep.equal([]);
  });

  for (const viewport of [
    { width: 1200, height: 800 },
    { width: 390, height: 844 },
  ])
    it(`never scrolls its window at a width of ${viewport.width}, because long or wide parts scroll within themselves`, async () => {
      const scripted = makeScriptedApi();
      const wide = 'unbroken'.repeat(40);
      for (let n = 1; n <= 200; n++) await scripted.say(`number ${n}`);
      await scripted.say(
        `${wide}\n\n|${` ${wide} |`.repeat(9)}\n|${'---|'.repeat(9)}\n\n\`\`\`\n${wide}\n\`\`\`\n> - > ${wide}\n\n1000000. a`,
      );
      for (let n = 1; n <= 30; n++) scripted.promise(`${wide} ${n}`);
      scripted.run(promiseId(30));
      scripted.complete(promiseId(30), `${wide}\n\n|${` ${wide} |`.repeat(9)}\n|${'---|'.repeat(9)}\n`);
      const { page } = await open({}, { scripted, viewport });
      await connected(page);
      await page.waitForSelector(byTestId('message-agent'));
      await page.click(byTestId('earlier'));
      await page.getByText('number 2', { exact: true }).waitFor();
      const sizes = `(() => {
        for (const one of document.querySelectorAll('.unseen, .message, .card, summary, td, pre, li')) one.scrollIntoView();
        scrollTo(0, 10_000);
        document.body.scrollTop = document.body.scrollLeft = 10_000;
        const { scrollHeight, scrollWidth, scrollTop } = document.documentElement;
        return { scrollHeight, scrollWidth, scrollTop, scrollY, scrollX, top: document.querySelector('.top').getBoundingClientRect().top };
      })()`;
      const still = { scrollHeight: viewport.height, scrollWidth: viewport.width, scrollTop: 0, scrollY: 0, scrollX: 0, top: 0 };
      expect(await page.evaluate(sizes)).to.deep.equal(still);
      await page.evaluate("document.querySelector('.view').dataset.tab = 'promises'");
      expect(await page.evaluate(sizes)).to.deep.equal(still);
      await page.evaluate("document.getElementById('token-dialog').showModal()");
      expect(await page.evaluate(sizes)).to.deep.equal(still);
    });
});
