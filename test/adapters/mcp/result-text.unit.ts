import { expect } from 'chai';
import { lineReader } from '../../../src/adapters/mcp/line-reader.ts';
import { MAX_OUTPUT_LENGTH, resultText } from '../../../src/adapters/mcp/result-text.ts';

describe('What an MCP tool answers', () => {
  it('is its texts, with other parts described', () => {
    const content = [
      { type: 'text', text: 'one' },
      { type: 'image', data: 'A'.repeat(4_096), mimeType: 'image/png' },
      { type: 'audio', data: 'A', mimeType: 'audio/wav\nforged line' },
      { type: 'resource', resource: { uri: 'file:///a', text: 'inside' } },
      { type: 'resource', resource: { uri: 'file:///b', blob: 'AAAA', mimeType: 'application/pdf' } },
      { type: 'resource_link', uri: 'file:///c', name: 'c', description: 'a link' },
      { type: 'hologram' },
      { text: 'without a type' },
      null,
    ];
    expect(resultText({ content })).to.deep.equal({
      output: [
        'one',
        '(an image, image/png, 3 KB: not shown)',
        '(a sound, audio/wav forged line, 1 KB: not shown)',
        '<file:///a>\ninside',
        '<file:///b> (application/pdf, 1 KB: not shown)',
        'c <file:///c> a link',
        '(a part of the kind hologram: not shown)',
        '(a part that cannot be read)',
        '(a part that cannot be read)',
      ].join('\n\n'),
      isError: false,
    });
  });

  it('is its structured content where it says nothing else', () => {
    expect(resultText({ content: [], structuredContent: { warm: true } })).to.deep.equal({ output: '{"warm":true}', isError: false });
    expect(resultText({ content: [{ type: 'text', text: 'warm' }], structuredContent: { warm: true } })?.output).to.equal('warm');
    expect(resultText({ content: [] })?.output).to.equal('(The tool answered without any content.)');
  });

  it('keeps whether it failed', () => {
    expect(resultText({ content: [{ type: 'text', text: 'no' }], isError: true })).to.deep.equal({ output: 'no', isError: true });
  });

  it('is cut with a notice where it is long', () => {
    const { output = '' } = resultText({ content: [{ type: 'text', text: 'word '.repeat(1_000_000) }] }) ?? {};
    expect(output.length).to.be.at.most(MAX_OUTPUT_LENGTH);
    expect(output).to.match(/\[cut here: \d+ of 5000000 characters are not shown\]$/);
    expect(resultText({ content: Array.from({ length: 5_000 }, () => ({ type: 'text', text: 'a' })) })?.output).to.match(
      /\(4900 more parts are not shown\.\)$/,
    );
  });

  it('is nothing where it is no result', () => {
    for (const answer of [undefined, null, 'text', 7, [], { content: 'text' }, { isError: 'no' }])
      expect(resultText(answer)).to.equal(undefined);
  });
});

describe('A reader of lines', () => {
  const read = (most: number, ...chunks: string[]): readonly string[] => {
    const heard: string[] = [];
    const reader = lineReader(most, { onLine: (line) => heard.push(line), onTooLong: () => heard.push('too long') });
    for (const chunk of chunks) reader(Buffer.from(chunk));
    return heard;
  };

  it('cuts at each line feed, wherever the chunks end', () => {
    expect(read(100, 'o', 'ne\ntwo\r\n\n', '\nthr', 'ee', '\nfour')).to.deep.equal(['one', 'two', 'three']);
    const [first, second] = [Buffer.from('ü\n').subarray(0, 1), Buffer.from('ü\n').subarray(1)];
    const heard: string[] = [];
    const reader = lineReader(10, { onLine: (line) => heard.push(line), onTooLong: () => undefined });
    for (const chunk of [first, second]) reader(chunk);
    expect(heard).to.deep.equal(['ü']);
  });

  it('gives up at a line without an end, once', () => {
    expect(read(5, '12345\n', '123', '456', '7\n', 'x\n')).to.deep.equal(['12345', 'too long']);
  });
});
