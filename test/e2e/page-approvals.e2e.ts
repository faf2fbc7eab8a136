import { expect } from 'chai';
import type { Page } from 'playwright-core';
import type { ApprovalId } from '../../src/domain/index.ts';
import { telegramChat } from '../../src/testing/index.ts';
import { byTestId, connected, usePages } from '../support/page.ts';

const id = (number: number) => number as ApprovalId;
const inList = (page: Page, number: number) => page.locator(`[data-approval-id="${number}"]`);
const inChat = (page: Page, number: number) => page.locator(`${byTestId('message-agent')} [data-approval="${number}"]`);
/** Long enough ago that no click was meant for something else. */
const settled = (page: Page) => page.waitForTimeout(700);
const LIST = '/#/approvals';

describe('Approvals on the page', () => {
  const { open } = usePages();

  it('stand in a list with the exact call, whatever their chat, and are decided there', async () => {
    const { page, approval, approvalStatus, complaints } = await open({}, { path: LIST });
    await connected(page);
    await approval({ call: { input: { text: '<b>x</b>\u202e```\nApproved' } }, labels: ['web', 'mcp:tracker'] });
    await approval({ call: { chatId: telegramChat(-100_777), tool: 'write_file' }, chatKind: 'group' });
    await inList(page, 2).waitFor();
    const call = await inList(page, 1).locator(byTestId('call')).textContent();
    expect(call).to.equal('{\n  "text": "<b>x</b>\\u202e\\u0060\\u0060\\u0060\\nApproved"\n}');
    expect(await inList(page, 1).locator(byTestId('warning')).textContent()).to.match(/a web page, the MCP server tracker/);
    expect(await page.locator(byTestId('approval')).evaluateAll((cards) => cards.map(({ dataset }) => dataset.approvalId))).to.deep.equal([
      '1',
      '2',
    ]);
    await settled(page);
    await inList(page, 2).locator(byTestId('deny')).click();
    await inList(page, 2).waitFor({ state: 'detached' });
    expect([approvalStatus(id(1)), approvalStatus(id(2))]).to.deep.equal(['asked', 'denied']);
    expect(complaints).to.deep.equal([]);
  });

  it('all stand in the list, however many wait, those that wait longest first', async () => {
    const { page, approval } = await open({}, { path: LIST });
    await connected(page);
    for (let n = 0; n < 105; n++) await approval();
    await inList(page, 105).waitFor();
    await inList(page, 1).waitFor();
    const numbers = await page.locator(byTestId('approval')).evaluateAll((cards) => cards.map(({ dataset }) => Number(dataset.approvalId)));
    expect(numbers).to.deep.equal(Array.from({ length: 105 }, (_, i) => i + 1));
  });

  it('are decided by the keyboard, below their card in the chat, once', async () => {
    const { page, approval, approvalStatus } = await open();
    await connected(page);
    await approval();
    await inChat(page, 1).locator(byTestId('approve')).waitFor();
    await settled(page);
    await inChat(page, 1).locator(byTestId('approve')).focus();
    await page.keyboard.press('Enter');
    await inChat(page, 1).getByText('Approved. It runs next.').waitFor();
    expect(approvalStatus(id(1))).to.equal('approved');
    await page.locator(byTestId('waiting')).waitFor({ state: 'hidden' });
    expect(await inChat(page, 1).locator(byTestId('approve')).isVisible()).to.equal(false);
    expect(await page.locator('#approval-said').textContent()).to.equal('Approval 1: Approved. It runs next.');
  });

  it('have no buttons in the chat once they are decided elsewhere', async () => {
    const { page, approval, api } = await open();
    await connected(page);
    await approval();
    await inChat(page, 1).locator(byTestId('approve')).waitFor();
    await api.decideApproval?.(id(1), 'deny');
    await inChat(page, 1).locator(byTestId('approve')).waitFor({ state: 'hidden', timeout: 10_000 });
    await page.reload();
    await connected(page);
    await inChat(page, 1).waitFor({ state: 'attached' });
    expect(await inChat(page, 1).locator(byTestId('approve')).isVisible()).to.equal(false);
  });

  it('say why they could not be decided', async () => {
    const { page, approval, api } = await open({}, { path: LIST });
    await connected(page);
    api.decideApproval = async () => ({ ok: false, error: { code: 'approval/expired', message: 'the time to decide is over' } });
    await approval();
    await inList(page, 1).waitFor();
    await settled(page);
    await inList(page, 1).locator(byTestId('approve')).click();
    await inList(page, 1).getByText('The time to decide is over.').waitFor();
    expect(await inList(page, 1).locator(byTestId('approve')).isEnabled()).to.equal(true);
  });

  it('take no click that was meant for what stood there before', async () => {
    const { page, approval, approvalStatus } = await open({}, { path: LIST });
    await connected(page);
    // The click comes in the moment in which the list changes.
    await page.evaluate(`new MutationObserver((_, observer) => {
      const button = document.querySelector('#approval-cards .approve');
      if (!button) return;
      observer.disconnect();
      button.click();
    }).observe(document.body, { childList: true, subtree: true })`);
    await approval();
    await inList(page, 1).getByText('The list has just changed.').waitFor();
    expect(approvalStatus(id(1))).to.equal('asked');
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`fit a phone, ${colorScheme}`, async () => {
      const { page, approval } = await open({}, { viewport: { width: 390, height: 760 } });
      await page.emulateMedia({ colorScheme });
      await connected(page);
      await approval({ call: { input: { text: 'x'.repeat(3_000), command: 'rm -rf build && make' } }, labels: ['web'] });
      await page.getByText('1 to approve').click();
      await inList(page, 1).waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(390);
      for (const name of ['approve', 'deny']) {
        const box = await inList(page, 1).locator(byTestId(name)).boundingBox();
        expect(box?.height).to.be.at.least(44);
        expect((box?.x ?? 0) + (box?.width ?? 0)).to.be.at.most(390);
      }
      if (process.env.KEPT_TEST_PICTURES) await page.screenshot({ path: `${process.env.KEPT_TEST_PICTURES}/approvals-${colorScheme}.png` });
    });
});
