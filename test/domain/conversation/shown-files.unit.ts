import { expect } from 'chai';
import { type ConversationStep, fitConversation, tokensOf, withoutMedia } from '../../../src/domain/conversation/conversation.ts';
import { tokensOfMedia } from '../../../src/domain/conversation/media.ts';
import {
  firstShown,
  firstWithin,
  MAX_SHOWN_BYTES,
  MAX_SHOWN_FILES,
  notShownInWords,
} from '../../../src/domain/conversation/shown-files.ts';

describe('which files of a conversation are shown', () => {
  it('are the newest, from a place on that moves by four at once', () => {
    const firsts = Array.from({ length: 18 }, (_, count) => firstShown(count, count));
    expect(firsts).to.deep.equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12]);
    for (const [count, first] of firsts.entries()) if (count > 8) expect(count - first).to.be.within(5, 8);
  });

  it('are all that is asked about, up to the limit; beyond it the newest', () => {
    expect(firstShown(10, 0)).to.equal(0);
    expect(firstShown(13, 3)).to.equal(0);
    expect(firstShown(25, 0)).to.equal(25 - MAX_SHOWN_FILES);
    expect(firstShown(30, 5)).to.equal(30 - MAX_SHOWN_FILES);
  });

  it('fit the bytes of a request, and those of earlier messages their tokens, from a place that moves by four', () => {
    const files = (count: number, bytes: number, tokens = 0) => Array.from({ length: count }, () => ({ bytes, tokens }));
    expect(firstWithin(files(8, MAX_SHOWN_BYTES / 8), 0, 8, 0)).to.equal(0);
    expect(firstWithin(files(8, MAX_SHOWN_BYTES / 6), 0, 8, 0)).to.equal(4);
    expect(firstWithin(files(8, MAX_SHOWN_BYTES / 6), 4, 12, 0)).to.equal(8);
    expect(firstWithin(files(8, 1, 1_000), 0, 8, 7_999)).to.equal(4);
    expect(firstWithin(files(8, 1, 1_000), 0, 7, 7_000)).to.equal(0);
    expect(firstWithin(files(8, 1, 1_000), 0, 0, 0), 'what is asked about').to.equal(0);
    expect(firstWithin(files(3, MAX_SHOWN_BYTES / 2), 0, 0, 0), 'file by file, where it is asked about').to.equal(1);
    expect(firstWithin(files(6, MAX_SHOWN_BYTES / 2), 0, 2, 0)).to.equal(4);
    expect(
      firstWithin(
        [60, 30, 70].map((pages) => ({ bytes: 1, tokens: 0, pages })),
        0,
        0,
        0,
      ),
      'pages',
    ).to.equal(1);
    expect(firstWithin([], 0, 0, 0)).to.equal(0);
    expect(firstWithin(files(3, 1), 4, 7, -1), 'where the words leave no room at all').to.be.at.least(7);
  });

  it('is told with the reason, where a file is not', () => {
    expect(notShownInWords({ reason: 'too-large', bytes: 12_340_000, most: 10_000_000 })).to.equal(
      'it has 12.3 MB, and 10 MB are the most',
    );
    expect(notShownInWords({ reason: 'too-wide', width: 9_000, height: 10 })).to.equal(
      'it has 9,000 × 10 pixels, and 8,000 a side are the most',
    );
    expect(notShownInWords({ reason: 'too-many-pages', pages: 400 })).to.equal('it has 400 pages, and 100 are the most');
  });
});

describe('the tokens of files', () => {
  const picture = { kind: 'picture', name: 'a.png', type: 'image/png', base64: '' } as const;
  const step = (media: ConversationStep & { role: 'person' }): number => tokensOf(media);

  it('are counted: of a picture by its pixels, of a PDF by its pages, of a text by its length', () => {
    expect(tokensOfMedia({ ...picture, width: 300, height: 200 })).to.equal(80);
    expect(tokensOfMedia({ ...picture, width: 4_000, height: 4_000 })).to.equal(1_600);
    expect(tokensOfMedia(picture)).to.equal(1_600);
    expect(tokensOfMedia({ kind: 'pdf', name: 'a.pdf', base64: '', pages: 3 })).to.equal(9_000);
    expect(tokensOfMedia({ kind: 'pdf', name: 'a.pdf', base64: 'A'.repeat(200_000) })).to.equal(9_000);
    expect(tokensOfMedia({ kind: 'text', name: 'a.txt', text: 'x'.repeat(400) })).to.equal(100);
  });

  it('count with their message, and go with it', () => {
    const said: ConversationStep = { role: 'person', name: 'Ada', text: 'see', media: [picture] };
    expect(step(said)).to.equal(1_601);
    expect(fitConversation([said, { role: 'person', name: 'Ada', text: 'and?' }], { maxSteps: 9, maxTokens: 1_000 })).to.have.length(1);
    expect(withoutMedia([said])).to.deep.equal([
      { role: 'person', name: 'Ada', text: 'see' },
      {
        role: 'person',
        name: 'Kept',
        note: true,
        text: '(Note: you are not shown the files of the message above: the model did not take them.)',
      },
    ]);
  });
});
