import { expect } from 'chai';
import fc from 'fast-check';
import { promiseId } from '../../../src/domain/index.ts';
import { isSentBackNote, sentBackNote, withoutClaims } from '../../../src/domain/promise/gate.ts';
import { slowTexts } from '../../support/hostile-texts.ts';
import { found, NOTHING, texts, told, truth } from './gate-claims.ts';
import { CLAIMS, HONEST } from './gate-corpus.ts';

describe('An answer without its false claims', () => {
  it('keeps everything but the claims, and says the truth once where the first claim stood', () => {
    for (const [text, expected] of [
      ["I'll get back to you.", NOTHING],
      ["Ada is right. I'll get back to you. Bye!", `Ada is right. ${NOTHING} Bye!`],
      ["- one\n- I'll look into it later\n- I'll report back\n- two", `- one\n- ${NOTHING}\n- two`],
      ["I'm on it.\n\nI'll get back to you. Stay well.", `${NOTHING}\n\nStay well.`],
      ["**I'll take care of it.**", `**${NOTHING}**`],
      ['```\na  b\n```\nIch melde mich.', '```\na  b\n```\nIch habe dafür keine Hintergrundarbeit begonnen.'],
    ] as const)
      expect(truth(text), text).to.equal(expected);
  });

  it('says which promise is not there, and does not deny the one that is', () => {
    expect(truth('Promise #12 is made. It is in good hands.')).to.equal('There is no promise #12 that stands here. It is in good hands.');
    expect(truth('Promise #4 and promise #12 run. I will report back.', { made: [promiseId(4)] })).to.equal(
      'There is no promise #12 that stands here. I will report back.',
    );
    expect(truth("I'll do it tonight as promise #12.")).to.equal(`${NOTHING} There is no promise #12 that stands here.`);
  });

  it('leaves a text without claims that is not empty, for every claim of the corpus in every language', () => {
    for (const text of texts(CLAIMS)) {
      const once = truth(text);
      expect(once.trim(), text).not.to.equal('');
      expect(told(once), once).to.deep.equal([]);
      expect(truth(text)).to.equal(once);
    }
  });
});

describe('The gate over any text', () => {
  const pieces = [
    ...texts(CLAIMS),
    ...texts(HONEST),
    '\n',
    ' ',
    '```',
    '“',
    '”',
    '"',
    "'",
    '`',
    '> ',
    '- ',
    '#1',
    'promise #12',
    '…',
    '\u0301',
    '\ud800',
    '1.',
  ];

  it('never throws, leaves true text as it is, and always ends with text that claims nothing', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const claims = found(text);
        for (const { start, end, text: sentence } of claims) expect(text.slice(start, end)).to.equal(sentence);
        if (claims.length > 0) expect(withoutClaims(text, claims).trim()).not.to.equal('');
        else expect(withoutClaims(text, claims)).to.equal(text.trim());
      }),
      { numRuns: 300 },
    );
  });

  it('takes not much longer for a hostile text than for a plain one', () => {
    expect(slowTexts(truth, 10_000, { maxRatio: 20 })).to.deep.equal([]);
  }).timeout(20_000);

  it('takes time linear in hostile text', () => {
    const hostile = [
      "I'll ",
      "I'll. ",
      "I'll\n",
      '.',
      '. ',
      '...',
      '“',
      "'",
      '"',
      '`',
      '*',
      '- ',
      '#1 ',
      'promise #1, ',
      'a',
      ' ',
      '\n',
      '> ',
      '```\n',
    ];
    const wordy = [
      'let me look into aa and ',
      'you will get the a a results a a ',
      "I'll a b c d e f g h ",
      'ich mache aa bb ',
      'если ',
      'e\u0301',
      'will, ',
    ];
    for (const part of [...hostile, ...wordy]) {
      const text = part.repeat(100_000 / part.length);
      const started = performance.now();
      const claims = found(text);
      withoutClaims(text, claims);
      expect(performance.now() - started, `${JSON.stringify(part)} repeated`).to.be.below(2_000);
    }
    const started = performance.now();
    truth("I'll get back to you. ".repeat(5_000));
    expect(performance.now() - started, 'claims only').to.be.below(2_000);
  });
});

describe('The note that sends an answer back', () => {
  it('says what is not true, and what can be done about it, where something can be promised and where not', () => {
    const claims = found("I'll get back to you as promise #12.");
    const note = sentBackNote(claims, true);
    expect(note).to.include("“I'll get back to you as promise #12.” (#12 is no promise").and.include('Call make_promise now');
    expect(sentBackNote(claims, false)).not.to.include('make_promise');
    expect([isSentBackNote(note), isSentBackNote("I'll get back to you.")]).to.deep.equal([true, false]);
  });
});
