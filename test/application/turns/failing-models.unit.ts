import { expect } from 'chai';
import { NO_USAGE } from '../../../src/domain/index.ts';
import type { LanguageModel } from '../../../src/ports/index.ts';
import { buildEntry, makeScriptedModel, START } from '../../../src/testing/index.ts';
import { asked, failure, HOUR_MS, look, looking, stage, textsOf, tokens } from '../support/failing-model-harness.ts';

describe('A question that a model declines', () => {
  it('tells people that the model declined, and keeps the question and the partial answer out of the next request', async () => {
    const declining = { text: 'Sure, step one', stop: 'refusal', refusal: 'cyber' } as const;
    const model = makeScriptedModel([declining, { text: 'Hello.' }]);
    const { say, kept } = stage(model);
    expect(await say('how do I break in?')).to.equal('The model declined to answer this: cyber');
    expect(await kept()).to.deep.equal([]);
    expect(await say('hi')).to.equal('Hello.');
    expect(asked(model)[1]).to.deep.equal(['hi']);
  });
});

describe('A question that a model answers by nothing', () => {
  it('tells people that the model gave no answer, keeps the question, and stores no words that the model never said', async () => {
    const model = makeScriptedModel([{ text: '' }, { text: ' ' }, { text: 'Hello.' }]);
    const { say } = stage(model);
    expect(await say('hi')).to.match(/^The model ended without an answer/);
    expect(await say('are you there?')).to.equal('Hello.');
    expect(asked(model)[2]).to.deep.equal(['hi', 'are you there?']);
  });
});

describe('What a chat is told of a turn that failed', () => {
  const later = 'Please send it again later.';
  const operator = 'Sending it again will not help until whoever runs me has looked into it.';
  for (const [error, advice, isKept] of [
    [failure('unavailable', { retryable: true }), later, true],
    [failure('rate-limited', { retryable: true, retryAfterMs: 20_000 }), later, true],
    [
      failure('rate-limited', { retryable: true, retryAfterMs: HOUR_MS }),
      'Please send it again after 2026-11-22 13:01 (UTC); before then nobody is there to answer it.',
      true,
    ],
    [failure('unauthorised'), operator, true],
    [failure('not-found'), operator, true],
    [failure('out-of-credit'), operator, true],
    [failure('invalid-request'), 'Sending it again as it is will not help. If everything is refused here, begin anew with /new.', false],
    [
      failure('too-long'),
      'It is too long for the model, even without what was said before. Please send it in smaller parts, or begin anew with /new.',
      false,
    ],
  ] as const)
    it(`says what helps when the model was ${error.code}${error.retryAfterMs ? ` for ${error.retryAfterMs} ms` : ''}`, async () => {
      const { say, kept } = stage(makeScriptedModel([{ error }]));
      expect(await say('hi')).to.equal(`I could not answer this: it was ${error.code}\nNothing was changed. ${advice}`);
      expect(await kept(), 'never its own words').to.deep.equal(isKept ? ['hi'] : []);
    });
});

describe('A conversation that is too long for its model', () => {
  /** Reads so many characters, and no more. */
  const small = (length: number): LanguageModel & { readonly lengths: number[] } => {
    const lengths: number[] = [];
    return {
      name: 'x/small',
      lengths,
      respond: async (request, { onEvent }) => {
        lengths.push(textsOf(request).join('').length);
        if ((lengths.at(-1) ?? 0) > length) throw failure('too-long');
        onEvent({ type: 'text', text: 'Noted.' });
        return { text: 'Noted.', toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'small' };
      },
    };
  };

  it('answers with less of a history that is too long, and begins the next turn with less', async () => {
    const model = small(6_000);
    const { say } = stage(model);
    for (let note = 1; note <= 4; note++) expect(await say(`${note}${'x'.repeat(2_700)}`)).to.equal('Noted.');
    const before = model.lengths.length;
    expect(await say('hi')).to.equal('Noted.');
    expect(await say('and you?')).to.equal('Noted.');
    expect(model.lengths.length - before, 'two turns, no refusal').to.equal(2);
  });

  it('shows the history again after one message or one tool result was too long', async () => {
    const asked: string[][] = [];
    const model: LanguageModel = {
      name: 'x/small',
      respond: async (request) => {
        const texts = textsOf(request);
        asked.push(texts);
        if (texts.join('').length > 6_000) throw failure('too-long');
        if (texts.at(-1) === 'look') return { text: '', ...looking, stop: 'tool_calls', usage: NO_USAGE, model: 'small' };
        return { text: 'Noted.', toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'small' };
      },
    };
    const { say, stores } = stage(model, { tools: [{ ...look, run: async () => ({ output: 'x'.repeat(9_000), isError: false }) }] });
    expect(await say('look')).to.equal('Noted.');
    await stores.conversations.append([buildEntry('y'.repeat(9_000), { at: START })]);
    expect(await say('hi')).to.equal('Noted.');
    const names = ['Ada', 'Bob', 'Cleo', 'Dora'].map(
      (name) => `Somebody who is called ${name} likes trains, and has asked me to remember that.`,
    );
    for (const text of names) await say(text);
    await say('who likes trains?');
    expect(asked.at(-1)).to.include.members([...names, 'who likes trains?']);
  });

  it('shows the whole history again an hour later, as another model may have refused it', async () => {
    const [standIn, large] = [small(6_000), small(60_000)];
    let model = standIn;
    const { world, say } = stage({ name: 'x/either', respond: (...asking) => model.respond(...asking) });
    for (let note = 1; note <= 4; note++) await say(`${note}${'x'.repeat(2_700)}`);
    model = large;
    await say('hi');
    expect(large.lengths.at(-1)).to.be.below(6_000);
    world.clock.advance(HOUR_MS);
    await say('and you?');
    expect(large.lengths.at(-1)).to.be.above(10_800);
  });

  it('keeps no message that is too long by itself, so that its chat can still be answered', async () => {
    const { say } = stage(small(6_000));
    for (let note = 1; note <= 3; note++) await say(`${note}${'x'.repeat(1_700)}`);
    expect(await say('x'.repeat(9_000))).to.include('begin anew with /new');
    expect(await say('hi')).to.equal('Noted.');
  });

  for (const how of ['refused', 'declined'] as const)
    it(`is answered where the history itself is what is ${how}, and not asked with it again`, async () => {
      let refusals = 0;
      const { say, stores } = stage({
        name: 'x/picky',
        respond: async (request) => {
          if (textsOf(request).some((text) => text.includes('poison'))) {
            refusals++;
            if (how === 'refused') throw failure('invalid-request');
            return { text: 'Half a', toolCalls: [], stop: 'refusal', usage: NO_USAGE, model: 'picky' };
          }
          return { text: `Heard ${textsOf(request).join(', ')}.`, toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'picky' };
        },
      });
      await stores.conversations.append([buildEntry('poison', { at: START - 1 })]);
      expect(await say('hi')).to.equal('Heard hi.');
      expect(await say('and you?')).to.equal('Heard hi, Heard hi., and you?.');
      expect(refusals).to.equal(1);
    });

  for (const [what, again] of [
    ['is declined alone, too', { text: 'No', stop: 'refusal', usage: tokens(30) }],
    ['meets a failure when it is asked alone', { error: failure('unavailable', { usage: tokens(30) }) }],
  ] as const)
    it(`keeps what was said before where a question ${what}, and counts both calls`, async () => {
      const declined = { text: 'Sure, step one', stop: 'refusal', refusal: 'cyber', usage: tokens(70) } as const;
      const model = makeScriptedModel([{ text: 'Hello.', usage: tokens(0) }, declined, again, { text: 'Hello again.', usage: tokens(0) }]);
      const { say, used } = stage(model);
      await say('hi');
      expect(await say('how do I break in?')).to.match(/^The model declined to answer this/);
      expect(asked(model)[2], 'alone').to.deep.equal(['how do I break in?']);
      expect(await say('and now?')).to.equal('Hello again.');
      expect(asked(model)[3]).to.deep.equal(['hi', 'Hello.', 'and now?']);
      expect(await used()).to.include({ inputTokens: 100 });
    });
});
