import { expect } from 'chai';
import { promiseId, scheduleId } from '../../../src/domain/index.ts';
import { claimsFutureWork } from '../../../src/domain/promise/gate.ts';
import { promiseAfter, START } from '../../../src/testing/index.ts';
import { promise, texts, told, truth } from './gate-claims.ts';
import { CLAIMS, HONEST } from './gate-corpus.ts';

describe('The claims of an answer (invariant 3)', () => {
  it('tells claims of work to come from everything else, in seven languages', () => {
    const missed = texts(CLAIMS).filter((text) => claimsFutureWork(text).length === 0);
    const mistaken = texts(HONEST).filter((text) => claimsFutureWork(text).length > 0);
    const hits = texts(CLAIMS).length - missed.length;
    const precision = (hits / (hits + mistaken.length)).toFixed(3);
    const recall = (hits / texts(CLAIMS).length).toFixed(3);
    const counts = `${texts(CLAIMS).length} claims and ${texts(HONEST).length} honest answers`;
    expect({ mistaken, missed }, `precision ${precision}, recall ${recall} over ${counts}`).to.deep.equal({ mistaken: [], missed: [] });
  });

  it('finds no claim in code, in a quotation or in a draft for somebody else, and finds one around them', () => {
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
    it(`finds a claim of work to come behind ${what}`, () => {
      expect(told(text)).to.have.length(1);
      expect(truth(text)).not.to.match(/back[ .]|результат/);
    });

  it('accepts the schedules that were made with an answer or stand in its chat, and no others', () => {
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
    it(`reads the number in “${text}” as that of a promise`, () => {
      expect(told(text)).to.have.length(1);
    });

  for (const text of [
    'I have set a reminder for 5 pm.',
    'Your reminder is set for 5 pm.',
    "I've set up a daily reminder.",
    'Reminder set!',
  ])
    it(`reads “${text}” as a claim about what was made`, () => {
      expect(told(text)).to.have.length(1);
      expect(told(text, { scheduled: true })).to.deep.equal([]);
    });

  it('finds no claim in other numbers, in reminders of others and in rules', () => {
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

  it('finds the number of a promise behind invisible characters', () => {
    expect(told('Pr\u043emise\u200b ＃7 is made.')).to.have.length(1);
    expect(told('Promise ＃7 is made.', { made: [promiseId(7)] })).to.deep.equal([]);
  });

  it('accepts a claim that a promise made with it backs, and not one whose promise was cancelled with it', () => {
    const text = 'I will look into it and get back to you.';
    expect(told(text)).to.deep.equal([text]);
    expect(told(text, { made: [promiseId(4)] })).to.deep.equal([]);
    expect(told(text, { scheduled: true })).to.deep.equal([]);
    expect(told(text, { made: [promiseId(4)], cancelled: [promiseId(4)] })).to.deep.equal([text]);
    expect(told(text, { made: [promiseId(4), promiseId(5)], cancelled: [promiseId(4)] })).to.deep.equal([]);
  });

  it('accepts a claim that mentions an earlier promise as long as that has not ended', () => {
    const text = "#4 is not done yet. I'll let you know.";
    const settled = promiseAfter(promise(4), { type: 'cancel', at: START, reason: 'x' });
    expect(told(text, { stored: [promise(4)] })).to.deep.equal([]);
    expect(told(text, { stored: [settled] })).to.deep.equal(["I'll let you know."]);
    expect(told(text, { stored: [promise(4)], cancelled: [promiseId(4)] })).to.deep.equal(["I'll let you know."]);
    expect(told("I'll let you know.", { stored: [promise(4)] })).to.deep.equal(["I'll let you know."]);
  });

  it('accepts the promises that were made with an answer or stand in its chat, and no others', () => {
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

  it('accepts a cancelled promise that is named as cancelled, and not one named as standing', () => {
    const backing = { made: [promiseId(4)], cancelled: [promiseId(4)] };
    expect(told('Promise #4 is cancelled.', backing)).to.deep.equal([]);
    expect(told('Never mind promise #4.', backing)).to.deep.equal([]);
    expect(told('Promise #4 brings the result.', backing)).to.deep.equal(['Promise #4 brings the result.']);
  });

  it('finds a claim in an announcement only if nothing follows that it could announce', () => {
    expect(told("I'll check the logs. There are two errors.")).to.deep.equal([]);
    expect(told("Hello. I'll check the logs. Let me search the docs.")).to.deep.equal(["I'll check the logs.", 'Let me search the docs.']);
  });
});
