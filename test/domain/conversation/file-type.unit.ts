import { expect } from 'chai';
import { dimensionsOf, fileTypeOf, HEAD_BYTES, pagesOf } from '../../../src/domain/conversation/file-type.ts';
import type { PictureType } from '../../../src/domain/conversation/media.ts';
import { gifOf, jpegOf, pdfOf, pngOf, textOf, webpFrame, webpOf } from '../../support/sample-files.ts';

describe('what a file is', () => {
  it('is told by its bytes', () => {
    expect([jpegOf(1, 1), pngOf(1, 1), gifOf(1, 1), webpOf(1, 1), pdfOf(1), textOf('grüße\n')].map(fileTypeOf)).to.deep.equal([
      ...['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'application/pdf', 'text/plain'],
    ]);
  });

  it('is unknown for bytes that are no text, even if they begin like a picture', () => {
    const others = [[], [0], [0xff, 0xd8], [0x89, 0x50, 0x4e, 0x47], [0xc3, 0x28], [0xff, 0xfe, 0x41, 0], [0x50, 0x4b, 3, 4]];
    for (const bytes of others) expect(fileTypeOf(Uint8Array.from(bytes)), bytes.join()).to.equal(undefined);
    expect(fileTypeOf(textOf('RIFFxxxxWEBP').with(4, 0))).to.equal('image/webp');
    expect(fileTypeOf(textOf('RIFFxxxxWAVE').with(4, 0))).to.equal(undefined);
    expect(fileTypeOf(textOf('a text about %PDF-1.7'))).to.equal('text/plain');
  });

  it('is a text, too, where a program has coloured it', () =>
    expect(fileTypeOf(textOf('\u001b[32mok\u001b[0m\r\n\tdone\f'))).to.equal('text/plain'));

  it('is a text, too, where the first bytes end within a character', () => {
    const text = textOf('ä'.repeat(HEAD_BYTES));
    expect(fileTypeOf(text.subarray(0, HEAD_BYTES - 1))).to.equal('text/plain');
  });
});

describe('the dimensions of a picture', () => {
  const PICTURES: Record<PictureType, (width: number, height: number) => Uint8Array> = {
    'image/jpeg': jpegOf,
    'image/png': pngOf,
    'image/gif': gifOf,
    'image/webp': webpOf,
  };

  it('stand in its header', () => {
    for (const [type, make] of Object.entries(PICTURES))
      expect(dimensionsOf(type as PictureType, make(1_234, 567)), type).to.deep.equal({ width: 1_234, height: 567 });
    expect(dimensionsOf('image/jpeg', jpegOf(10, 20, 60_000)), 'behind much metadata').to.deep.equal({ width: 10, height: 20 });
    const filled = [...jpegOf(10, 20)].toSpliced(2, 0, 0xff, 0xff);
    expect(dimensionsOf('image/jpeg', Uint8Array.from(filled)), 'behind filling bytes').to.deep.equal({ width: 10, height: 20 });
    for (const form of ['VP8 ', 'VP8L'] as const)
      expect(dimensionsOf('image/webp', webpFrame(form, 300, 200)), form).to.deep.equal({ width: 300, height: 200 });
    // Of another buffer's middle.
    const shifted = new Uint8Array([1, 2, 3, ...pngOf(7, 8)]).subarray(3);
    expect(dimensionsOf('image/png', shifted)).to.deep.equal({ width: 7, height: 8 });
  });

  it('are unknown where the header is cut anywhere, empty or hostile, and reading it ends', () => {
    for (const [type, make] of Object.entries(PICTURES)) {
      const whole = make(100, 100);
      for (let end = 0; end < Math.min(whole.length, 64); end++) dimensionsOf(type as PictureType, whole.subarray(0, end));
      expect(dimensionsOf(type as PictureType, new Uint8Array()), type).to.equal(undefined);
      if (type !== 'image/webp') expect(dimensionsOf(type as PictureType, make(0, 5)), `${type} of no width`).to.equal(undefined);
      for (const byte of [0, 0xff]) expect(() => dimensionsOf(type as PictureType, whole.fill(byte, 4))).not.to.throw();
    }
    const endless = new Uint8Array(3_500_000).fill(0xff);
    expect(dimensionsOf('image/jpeg', endless)).to.equal(undefined);
    const backwards = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xc0, 0, 17, 8, 0, 1, 0, 1]);
    expect(dimensionsOf('image/jpeg', backwards)).to.equal(undefined);
  });
});

describe('the pages of a PDF', () => {
  it('are counted by its lists of pages; the list of all lists has the most', () => {
    expect(pagesOf(pdfOf(12))).to.equal(12);
    expect(pagesOf(textOf('%PDF-1.4 <</Count 3/Type/Pages>> <</Type /Pages\n/Count 40>> <</Type /Page>>'))).to.equal(40);
  });

  it('are unknown where no list can be seen, and counting ends for a file of lists alone', () => {
    expect(pagesOf(textOf('%PDF-1.7 stream'))).to.equal(undefined);
    expect(pagesOf(textOf('/Type/Page /Type/Pagesless /Count 7'))).to.equal(undefined);
    expect(pagesOf(textOf('/Type/Pages'.repeat(900_000)))).to.equal(undefined);
  }).timeout(5_000);
});
