import { expect } from 'chai';
import { promiseList } from '../../../src/adapters/mcp-server/promise-list.ts';

describe('The list of promises for an MCP client', () => {
  const SECRET = 'sk-secret-0123456789';
  const redact = (text: string): string => text.replaceAll(SECRET, '[redacted]');
  const listOf = (count: number, resultSummary: string) =>
    Array.from({ length: count }, (_, at) => ({ id: count - at, taskDescription: 'Count.', resultSummary, dependsOn: [] }));
  const listed = (count: number, result: string) => {
    const text = promiseList(listOf(count, result), redact);
    return { text, list: JSON.parse(text) as { note?: string; promises: { id: number; resultSummary: string }[] } };
  };

  it('is whole where it is short, without a note', () => {
    expect(listed(3, `three ${SECRET}`).list).to.deep.equal({ promises: listOf(3, 'three [redacted]') });
  });

  it('cuts long texts, with a note, and no secret in two', () => {
    const { text, list } = listed(10, `${'x'.repeat(490)}${SECRET}${'x'.repeat(20_000)}`);
    expect(text.length).to.be.at.most(50_000);
    expect(text).not.to.include('sk-secret');
    expect(list.note).to.equal('Long texts are cut here: show_promise shows a promise whole.');
    expect(list.promises).to.have.length(10);
    expect(list.promises[0]?.resultSummary).to.match(/^x{400}/);
  });

  it('leaves out the oldest where that is not enough, and counts them', () => {
    const { text, list } = listed(100, 'x'.repeat(20_000));
    expect(text.length).to.be.at.most(50_000).and.at.least(45_000);
    const shown = list.promises.length;
    expect(list.note).to.include(`The oldest ${100 - shown} are left out: ask for certain statuses, or for fewer.`);
    expect(list.promises.map(({ id }) => id)).to.deep.equal(Array.from({ length: shown }, (_, at) => 100 - at));
  });
});
