import { expect } from 'chai';
import fc from 'fast-check';
import { deedsOfTool } from '../../../src/domain/claims/deed.ts';
import { type DeedBacking, falseDeeds } from '../../../src/domain/claims/deed-backing.ts';
import { isTrue, withoutUntrue } from '../../../src/domain/claims/untrue.ts';
import { slowTexts } from '../../support/hostile-texts.ts';
import { CLAIMS, HONEST } from '../promise/gate-corpus.ts';
import { backingOf, untrue } from './answers.ts';
import { type Answer, isKeptAside } from './corpus/answer.ts';
import { CORPUS } from './corpus/index.ts';
import { TUNING } from './corpus/tuning.ts';

const share = (part: number, whole: number): number => Math.round((1_000 * part) / whole) / 10;
const figuresOf = (isCounted: (at: number) => boolean) => {
  const of = (answers: readonly Answer[]) => answers.filter((_, at) => isCounted(at));
  const lies = CORPUS.flatMap((corpus) => of(corpus.lies));
  const truths = CORPUS.flatMap((corpus) => of(corpus.truths));
  const caught = lies.filter((answer) => untrue(answer).length > 0).length;
  const mistaken = truths.filter((answer) => untrue(answer).length > 0).length;
  return {
    lies: lies.length,
    truths: truths.length,
    caughtPercent: share(caught, lies.length),
    mistakenPercent: share(mistaken, truths.length),
  };
};
const NOTHING = backingOf({});
const truthOf = (text: string, backing: DeedBacking = NOTHING): string =>
  withoutUntrue(text, { claims: [], deeds: falseDeeds(text, backing) });

describe('Claims of deeds', () => {
  it('has a corpus of 150 false and 150 true answers in four languages', () => {
    expect(CORPUS.map(({ language }) => language)).to.deep.equal(['English', 'German', 'French', 'Spanish']);
    expect(CORPUS.flatMap(({ lies }) => lies)).to.have.length(150);
    expect(CORPUS.flatMap(({ truths }) => truths)).to.have.length(150);
  });

  it('finds at least 97 % of the false answers that were kept aside, and mistakes at most 2 % of the true ones', () => {
    const kept = figuresOf(isKeptAside);
    const tuned = figuresOf((at) => !isKeptAside(at));
    const line = (name: string, { lies, truths, caughtPercent, mistakenPercent }: typeof kept): string =>
      `      ${name}: ${caughtPercent} % of ${lies} caught, ${mistakenPercent} % of ${truths} mistaken`;
    process.stdout.write(`${line('kept aside', kept)}\n${line('tuned on', tuned)}\n`);
    expect(kept.caughtPercent).to.be.at.least(97);
    expect(kept.mistakenPercent).to.be.at.most(2);
    expect(tuned).to.include({ caughtPercent: 100, mistakenPercent: 0 });
  });

  it('finds nearly all of the sentences that it was tuned on, in seven languages', () => {
    const missed = TUNING.lies.filter((text) => untrue({ text }).length === 0);
    const mistaken = TUNING.truths.filter((text) => untrue({ text }).length > 0);
    expect(missed.length, missed.join('\n')).to.be.at.most(TUNING.lies.length * 0.05);
    expect(mistaken.length, mistaken.join('\n')).to.be.at.most(TUNING.truths.length * 0.01);
  });

  it('mistakes no honest answer of the promise gate, beside those that claim a deed', () => {
    const honest = Object.values(HONEST).flat();
    expect(honest.filter((text) => untrue({ text }).length > 0)).to.deep.equal(['Done: I fixed the build and ran the tests.']);
  });

  it('asks for a receipt of that kind of deed, and not for any', () => {
    const sent = 'I have sent the invoice to Ada.';
    for (const tool of ['search_web', 'remember', 'mcp__tracker__create_issue', 'mcp__mail__list_messages', 'read_file'])
      expect(untrue({ text: sent, ran: [tool] }), tool).to.deep.equal([sent]);
    for (const tool of [
      'mcp__mail__send_message',
      'mcp__mail__sendMail',
      'mcp__x__post_message',
      'mcp__shell__run_command',
      'mcp__erp__zzz',
    ])
      expect(untrue({ text: sent, ran: [tool] }), tool).to.deep.equal([]);
    expect(untrue({ text: sent, failed: ['mcp__mail__send_message'] })).to.deep.equal([sent]);
  });

  it('asks for a receipt of each deed of a sentence', () => {
    const both = 'I have created the ticket and sent the invoice to Ada.';
    expect(untrue({ text: both, ran: ['mcp__tracker__create_issue'] })).to.deep.equal([both]);
    expect(truthOf(both, backingOf({ ran: ['mcp__tracker__create_issue'] }))).to.equal(
      'Not all of this was done: for a part of it no tool of mine ran.',
    );
    expect(untrue({ text: both, ran: ['mcp__tracker__create_issue', 'mcp__mail__send_message'] })).to.deep.equal([]);
  });

  it('takes what an earlier turn did for told, where the answer only tells of it again', () => {
    const before = ['mcp__tracker__create_issue'];
    const shown = 'created TR-118';
    expect(untrue({ text: 'I created TR-118.', before, shown })).to.deep.equal([]);
    expect(untrue({ text: 'I created the ticket earlier.', before, shown })).to.deep.equal([]);
    expect(untrue({ text: 'Yes, I created the ticket.', before, shown, asked: 'Did you create the ticket?' })).to.deep.equal([]);
    expect(untrue({ text: 'I created TR-119.', before, shown }), 'another one').to.have.length(1);
    expect(untrue({ text: 'I have created the ticket.', before, shown }), 'nothing says which').to.have.length(1);
    expect(untrue({ text: 'I sent it to Ada earlier.', before, shown }), 'another deed').to.have.length(1);
    const said: DeedBacking = { ...NOTHING, said: ['I created TR-118.'] };
    expect(falseDeeds('As I said, I created TR-118.', said)).to.deep.equal([]);
    expect(falseDeeds('I created TR-119.', said)).to.have.length(1);
  });

  it('takes a report for true where a tool has returned it or a person has said it', () => {
    const text = 'The order was cancelled.';
    expect(untrue({ text })).to.deep.equal([text]);
    expect(untrue({ text, ran: ['query_notion'], shown: 'Order 5: cancelled' })).to.deep.equal([]);
    expect(untrue({ text, ran: ['query_notion'], shown: 'Order 5: open' })).to.deep.equal([text]);
    expect(untrue({ text, asked: 'The order was cancelled, I see.' })).to.deep.equal([]);
    expect(untrue({ text, asked: 'Was the order cancelled?' }), 'a question says nothing').to.deep.equal([text]);
  });

  it('leaves the numbers of promises and schedules to the promise gate', () => {
    for (const text of ['I have created promise #7 for this.', 'Schedule #3 was cancelled.', 'Approval #4 was denied.'])
      expect(untrue({ text }), text).to.deep.equal([]);
  });

  it('puts the truth in their place, in words of their language, which claim nothing', () => {
    for (const [text, expected] of [
      ['I have sent it to Ada.', 'I have not done this: no tool of mine did it.'],
      ['Fine. I searched the web. Bye!', 'Fine. I have not looked this up. Bye!'],
      ['- one\n- I have sent it to Ada\n- I have deleted the file\n- two', '- one\n- I have not done this: no tool of mine did it.\n- two'],
      ['Ich habe die Datei gelöscht.', 'Das habe ich nicht getan: Keines meiner Werkzeuge hat es getan.'],
    ] as const)
      expect(truthOf(text)).to.equal(expected);
    for (const text of [...CORPUS.flatMap(({ lies }) => lies.map((lie) => lie.text)), ...TUNING.lies]) {
      const once = truthOf(text);
      expect(once.trim(), text).not.to.equal('');
      expect(falseDeeds(once, NOTHING), once).to.deep.equal([]);
    }
  });

  for (const [what, text] of [
    ['a zero-width space', 'I have se\u200bnt it to Ada.'],
    ['a soft hyphen', 'I have de\u00adleted the file.'],
    ['a Cyrillic letter', 'I h\u0430ve sent it to Ada.'],
    ['wide letters', 'Ｉ ｈａｖｅ ｓｅｎｔ it to Ada.'],
    ['marks of emphasis', '**I have sent it to Ada.**'],
  ] as const)
    it(`finds a claim of a deed behind ${what}`, () => expect(untrue({ text })).to.have.length(1));

  it('does not take what stands in a claim for something that is shown', () => {
    const text = "La transferencia ya se hizo. ```to: Ada``` I've put the appointment in your calendar.";
    expect(falseDeeds(text, NOTHING)).to.have.length(2);
    expect(falseDeeds(truthOf(text), NOTHING)).to.deep.equal([]);
  });

  it('never throws, and what is left claims nothing', () => {
    const pieces = [
      ...TUNING.lies,
      ...TUNING.truths,
      ...Object.values(CLAIMS).flat(),
      '\n',
      ' ',
      '```',
      '“',
      '"',
      '> ',
      '- ',
      '…',
      '\ud800',
    ];
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const deeds = falseDeeds(text, NOTHING);
        for (const { start, end, text: sentence } of deeds) expect(text.slice(start, end)).to.equal(sentence);
        expect(isTrue({ claims: [], deeds: falseDeeds(truthOf(text), NOTHING) }), text).to.equal(true);
      }),
      { numRuns: 200 },
    );
  });

  it('takes not much longer for a hostile text than for a plain one', () => {
    expect(slowTexts(truthOf, 10_000, { maxRatio: 20 })).to.deep.equal([]);
  }).timeout(20_000);

  it('takes time linear in hostile text', () => {
    for (const part of [
      'I have ',
      'I have sent ',
      'sent ',
      'sent and ',
      'ich habe ',
      'ich habe a b ',
      'wurde a ',
      "j'ai ",
      'envié ',
      'отправил ',
      'I searched a ',
      'the file was ',
      'I sent it. ',
      'deleted the ',
      'notion ',
      'my search ',
      'not ',
    ]) {
      const text = part.repeat(100_000 / part.length);
      const started = performance.now();
      truthOf(text);
      expect(performance.now() - started, `${JSON.stringify(part)} repeated`).to.be.below(2_000);
    }
  }).timeout(30_000);
});

describe('The deeds of a tool', () => {
  for (const [tool, deeds] of [
    ['search_web', ['web']],
    ['mcp__notion__update_page', ['change', 'data', 'notion', 'web']],
    ['mcp__tracker__createIssue', ['create', 'data', 'save']],
    ['mcp__calendar__list_events', ['data']],
    ['mcp__calendar__create_event', ['create', 'data', 'save', 'schedule']],
    ['mcp__github__merge_pull_request', ['approve', 'change', 'data', 'files']],
    ['report_failure', []],
  ] as const)
    it(`are ${deeds.join(', ') || 'none'} for ${tool}`, () => expect([...deedsOfTool(tool)].toSorted()).to.deep.equal(deeds));

  it('are all that act for a tool whose name tells nothing', () => {
    for (const tool of ['mcp__x__zzz', 'mcp__shell__execute', 'constructor', ''])
      expect(deedsOfTool(tool).has('send') && deedsOfTool(tool).has('pay'), tool).to.equal(true);
  });
});
