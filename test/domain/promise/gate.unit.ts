import { expect } from 'chai';
import fc from 'fast-check';
import { promiseId, scheduleId } from '../../../src/domain/index.ts';
import { claimsFutureWork, falseClaims, isSentBackNote, sentBackNote, withoutClaims } from '../../../src/domain/promise/gate.ts';
import { buildPromise, promiseAfter, START } from '../../../src/testing/index.ts';
import { slowTexts } from '../../support/hostile-texts.ts';
import { CLAIMS, HONEST } from './gate-corpus.ts';

const NOTHING = 'I have not started any background work for this.';
const texts = (corpus: typeof CLAIMS) => Object.values(corpus).flat();
const found = (text: string, backing: Partial<Parameters<typeof falseClaims>[1]> = {}) =>
  falseClaims(text, { made: [], cancelled: [], scheduled: false, stored: [], ...backing });
const told = (text: string, backing?: Parameters<typeof found>[1]) => found(text, backing).map((claim) => claim.text);
const truth = (text: string, backing?: Parameters<typeof found>[1]) => withoutClaims(text, found(text, backing));
const promise = (id: number) => buildPromise({ id: promiseId(id) });

describe('what an answer claims (invariant 3)', () => {
  it('work to come is told from everything else, in seven languages', () => {
    const missed = texts(CLAIMS).filter((text) => claimsFutureWork(text).length === 0);
    const mistaken = texts(HONEST).filter((text) => claimsFutureWork(text).length > 0);
    const hits = texts(CLAIMS).length - missed.length;
    const precision = (hits / (hits + mistaken.length)).toFixed(3);
    const recall = (hits / texts(CLAIMS).length).toFixed(3);
    const counts = `${texts(CLAIMS).length} claims and ${texts(HONEST).length} honest answers`;
    expect({ mistaken, missed }, `precision ${precision}, recall ${recall} over ${counts}`).to.deep.equal({ mistaken: [], missed: [] });
  });

  it('what is said in code, in a quotation or in a draft for somebody else is nobody’s claim; what stands around it is', () => {
    const claim = "I'll get back to you.";
    for (const around of [
      (text: string) => `\`\`\`\n${text}\n\`\`\`\n`,
      (text: string) => `~~~~text\n${text}\n~~~\n${text}\n~~~~\n`,
      (text: string) => `> ${text}\n`,
      (text: string) => `He wrote “${text}” `,
      (text: string) => `He wrote 'well, ${text}' to me. `,
      (text: string) => `A draft of your reply:\n\n${text}\n---\n`,
    ]) {
      expect(told(around(claim)), around(claim)).to.deep.equal([]);
      expect(told(around(claim) + claim), around(claim)).to.deep.equal([claim]);
    }
    expect(told(`\`\`\`\n${claim}`), 'a fence that is never closed').to.deep.equal([]);
  });

  for (const [what, text] of [
    ['a zero-width space', 'I\u200b will re\u200bport back later.'],
    ['a word joiner', 'I will get\u2060 back to you.'],
    ['a soft hyphen', 'I will re\u00adport back later.'],
    ['a mark of order in front', "\ufeff- I'll get back to you."],
    ['a mark of direction', '\u202eI will get back to you.'],
    ['a Cyrillic letter', 'I will rep\u043ert back later.'],
    ['a Greek letter', 'I will rep\u03bfrt back later.'],
    ['a Cyrillic I', '\u0406 will get back to you.'],
    ['wide letters', 'Ｉ ｗｉｌｌ ｇｅｔ ｂａｃｋ to you.'],
    ['mathematical letters', '𝐈 𝐰𝐢𝐥𝐥 get back to you.'],
    ['Latin letters in Russian', 'Я нaпишу вам o результате пoзже.'],
    ['an invisible letter', 'I wi\u3164ll get back to you.'],
  ] as const)
    it(`work to come is seen behind ${what}`, () => {
      expect(told(text)).to.have.length(1);
      expect(truth(text)).not.to.match(/back[ .]|результат/);
    });

  it('a schedule that it names was made with it, or is of its chat, and was not cancelled with it', () => {
    const text = 'It is scheduled: every morning you will get it (schedule #9).';
    const schedules = (known: number[], active = known, ended: number[] = []) => ({
      schedules: { known: known.map(scheduleId), active: active.map(scheduleId), ended: ended.map(scheduleId) },
    });
    expect(told(text, schedules([]))).to.deep.equal([text]);
    expect(truth(text, schedules([]))).to.equal('There is no schedule #9 here.');
    expect(told(text, schedules([9]))).to.deep.equal([]);
    expect(told(text, schedules([9], [], [9]))).to.deep.equal([text]);
    expect(told('Schedule #9 was cancelled.', schedules([9], [], [9]))).to.deep.equal([]);
    expect(told('There is no schedule #9.', schedules([]))).to.deep.equal([]);
    expect(told('Zeitplan #9 läuft. Planification #8.', schedules([9]))).to.deep.equal(['Planification #8.']);
    expect(told('Schedules #1, #2 and #3 are active.', schedules([1, 3]))).to.have.length(1);
    expect(told("I'll let you know each morning, by schedule #9.", schedules([9]))).to.deep.equal([]);
    expect(told("I'll let you know each morning, by schedule #9.", schedules([9], []))).to.have.length(1);
    expect(told('Schedule\u200b #９ runs.', schedules([]))).to.have.length(1);
    for (const name of [
      'Schedule 9',
      'Schedule no. 9',
      'Schedule № 9',
      'Schedule # 9',
      'Schedule nine',
      'Schedule number nine',
      'Schedule (#9)',
    ]) {
      expect(told(`${name} is active.`, schedules([])), name).to.have.length(1);
      expect(told(`${name} is active.`, schedules([9])), name).to.deep.equal([]);
    }
    expect(told('Your schedule is #9.', schedules([]))).to.have.length(1);
  });

  for (const text of [
    'Promise no. 9 is running.',
    'Promise nine is running.',
    'Promise: #9',
    'Promise ID 9 is running.',
    'Versprechen Nr. 9 läuft.',
    'Promesse n° 9 est en cours.',
    'Promesa n.º 9',
    'Обещание № 9 выполняется.',
  ])
    it(`the number in “${text}” is a promise's`, () => {
      expect(told(text)).to.have.length(1);
    });

  for (const text of [
    'I have set a reminder for 5 pm.',
    'Your reminder is set for 5 pm.',
    "I've set up a daily reminder.",
    'Reminder set!',
  ])
    it(`“${text}” is said of what was made`, () => {
      expect(told(text)).to.have.length(1);
      expect(told(text, { scheduled: true })).to.deep.equal([]);
    });

  it('other numbers, reminders of others and rules are no claims', () => {
    for (const text of [
      'I promise one thing: it works.',
      'On schedule one of 5 jobs is late.',
      'Use a reminder, and set an alarm.',
      'There is no. 9 in the list.',
      'Should I set a reminder?',
      'No reminder is set.',
    ])
      expect(told(text), text).to.deep.equal([]);
  });

  it('a promise is named behind what is not seen, too', () => {
    expect(told('Pr\u043emise\u200b ＃7 is made.')).to.have.length(1);
    expect(told('Promise ＃7 is made.', { made: [promiseId(7)] })).to.deep.equal([]);
  });

  it('is backed by a promise that was made with it, and not by one that was cancelled with it', () => {
    const text = 'I will look into it and get back to you.';
    expect(told(text)).to.deep.equal([text]);
    expect(told(text, { made: [promiseId(4)] })).to.deep.equal([]);
    expect(told(text, { scheduled: true })).to.deep.equal([]);
    expect(told(text, { made: [promiseId(4)], cancelled: [promiseId(4)] })).to.deep.equal([text]);
    expect(told(text, { made: [promiseId(4), promiseId(5)], cancelled: [promiseId(4)] })).to.deep.equal([]);
  });

  it('is backed by an earlier promise that it mentions, while that has not ended', () => {
    const text = "#4 is not done yet. I'll let you know.";
    const settled = promiseAfter(promise(4), { type: 'cancel', at: START, reason: 'x' });
    expect(told(text, { stored: [promise(4)] })).to.deep.equal([]);
    expect(told(text, { stored: [settled] })).to.deep.equal(["I'll let you know."]);
    expect(told(text, { stored: [promise(4)], cancelled: [promiseId(4)] })).to.deep.equal(["I'll let you know."]);
    expect(told("I'll let you know.", { stored: [promise(4)] })).to.deep.equal(["I'll let you know."]);
  });

  it('a promise that it names was made with it, or stands in its chat', () => {
    const backing = { made: [promiseId(4)], stored: [promise(2)] };
    for (const text of [
      'Promise #4 is made.',
      'As promised: promise #2 runs.',
      'Promises #2 and #4.',
      '**Promise #4** is queued.',
      'See issue #12.',
    ])
      expect(told(text, backing), text).to.deep.equal([]);
    for (const text of [
      'Promise #12 is made.',
      'Promises #2, #4 and #12 run.',
      'This goes on as promise number #12.',
      'Das ist Versprechen #12.',
      'Обещание #12 дано.',
    ])
      expect(told(text, backing), text).to.deep.equal([text]);
    for (const text of [
      'There is no promise #12.',
      'I can’t find promise #12 here.',
      'Did you mean promise #12?',
      'If you mean promise #12, say so.',
      '`promise #12`',
      'Ein Versprechen #12 gibt es nicht.',
    ])
      expect(told(text, backing), text).to.deep.equal([]);
  });

  it('a promise that is cancelled with it may be named as cancelled, and not as standing', () => {
    const backing = { made: [promiseId(4)], cancelled: [promiseId(4)] };
    expect(told('Promise #4 is cancelled.', backing)).to.deep.equal([]);
    expect(told('Never mind promise #4.', backing)).to.deep.equal([]);
    expect(told('Promise #4 brings the result.', backing)).to.deep.equal(['Promise #4 brings the result.']);
  });

  it('what is announced is a claim only where nothing follows that could be it', () => {
    expect(told("I'll check the logs. There are two errors.")).to.deep.equal([]);
    expect(told("Hello. I'll check the logs. Let me search the docs.")).to.deep.equal(["I'll check the logs.", 'Let me search the docs.']);
  });
});

describe('an answer without its false claims', () => {
  it('keeps everything else, and says the truth once, where the first claim stood', () => {
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

  it('in every language, of every claim of the corpus: claims nothing any more, is not empty, and stays so', () => {
    for (const text of texts(CLAIMS)) {
      const once = truth(text);
      expect(once.trim(), text).not.to.equal('');
      expect(told(once), once).to.deep.equal([]);
      expect(truth(text)).to.equal(once);
    }
  });
});

describe('the gate over any text', () => {
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

  it('takes no hostile text much longer than a plain one', () => {
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

describe('the note that sends an answer back', () => {
  it('says what is not true, and what can be done about it, where something can be promised and where not', () => {
    const claims = found("I'll get back to you as promise #12.");
    const note = sentBackNote(claims, true);
    expect(note).to.include("“I'll get back to you as promise #12.” (#12 is no promise").and.include('Call make_promise now');
    expect(sentBackNote(claims, false)).not.to.include('make_promise');
    expect([isSentBackNote(note), isSentBackNote("I'll get back to you.")]).to.deep.equal([true, false]);
  });
});
