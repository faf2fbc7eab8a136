import { expect } from 'chai';
import * as answers from '../../../src/adapters/rehearsal/answers.ts';
import { makeRehearsalModel } from '../../../src/adapters/rehearsal/index.ts';
import { taskTypeOf } from '../../../src/adapters/rehearsal/plan.ts';
import * as refusals from '../../../src/adapters/rehearsal/refusals.ts';
import { understand } from '../../../src/adapters/rehearsal/requests.ts';
import type { ConversationStep } from '../../../src/domain/conversation/conversation.ts';
import { falseClaims } from '../../../src/domain/promise/gate.ts';
import { makeFixedClock } from '../../../src/testing/fixed-clock.ts';
import { aRequest, ask } from '../../support/model-peer.ts';
import { examples, help, page, person, SIGNATURE, say, TOPICS } from './harness.ts';

describe('rehearsal model', () => {
  it('does nothing about what it only overheard', async () => {
    const overheard: ConversationStep = { ...person('cancel promise 3', 1), role: 'person', overheard: true } as ConversationStep;
    const { reply } = await say([overheard, person('list my promises', 2)]);
    expect(reply?.toolCalls.map(({ tool }) => tool)).to.deep.equal(['list_promises']);
  });

  describe('understands what its page says', () => {
    it('the page has examples of every kind', () => {
      const kinds = [
        'ask-notion',
        'background',
        'cancel-promise',
        'cancel-schedule',
        'claim',
        'count',
        'count-to',
        'find-promise',
        'help',
        'later',
        'list-files',
        'list-promises',
        'list-schedules',
        'read-file',
        'refused',
        'schedule',
        'search',
        'small-talk',
        'use-tool',
      ];
      expect([...new Set(examples.map(([kind]) => kind))].toSorted()).to.deep.equal([...kinds, 'write']);
    });
    for (const [kind, line] of examples)
      it(`${kind}: ${line}`, () => {
        expect(understand(line)).to.have.property('kind', kind);
        expect(understand(line.toUpperCase()), 'in capitals').to.have.property('kind', kind);
      });
    it('every example that its help gives', () => {
      const given = [...help().matchAll(/^- (.+)$/gm)].map(([, line]) => line ?? '');
      expect(given).to.have.length.above(5);
      for (const line of given) expect(understand(line).kind, line).not.to.be.oneOf(['unknown', 'refused']);
    });
    it('the words that tell the type of a task', () => {
      for (const [, type, words] of page.matchAll(/^\| `(\w+)` \| (.+) \|$/gm))
        for (const word of words?.split(', ') ?? []) expect(taskTypeOf(`please ${word} it`), word).to.equal(type);
      expect(taskTypeOf('ponder')).to.equal('analysis');
      expect(taskTypeOf('fix the search'), 'the first word decides').to.equal('code');
    });
  });

  describe('claims nothing that the promise gate would take out, where no promise stands', () => {
    const request = 'cancel promise 3';
    const texts: Readonly<Record<string, unknown>> = {
      help: help(),
      SIGNATURE,
      notUnderstood: answers.notUnderstood(request),
      noSuchTool: answers.noSuchTool(request, 'cancel_promise'),
      toolFailed: answers.toolFailed(request, 'cancel_promise', 'there is no promise #3 in this chat'),
      promised: answers.promised([request, 'count'], [{ output: 'not now', isError: true }]),
      counted: answers.counted('TODO', ''),
      found: answers.found('promise 3', ''),
      listed: answers.listed(''),
      schedules: answers.schedules('No schedules.'),
      foundPromise: answers.foundPromise(3, ''),
      notATask: answers.notATask(request),
      ...Object.fromEntries(TOPICS.map((topic) => [`small talk: ${topic}`, answers.smallTalk(topic, '')])),
      ...Object.fromEntries(Object.entries(refusals).filter((entry) => typeof entry[1] === 'string')),
      impossibleTime: refusals.impossibleTime('That is not ahead'),
      chainTooLong: refusals.chainTooLong(6),
      noRuleToPromise: refusals.noRuleToPromise(`“${request}”`),
      lacksToPromise: refusals.lacksToPromise(refusals.readWhat),
      quotePath: refusals.quotePath('read', `promise #3`),
      remind: refusals.remind(`to ${request}`),
      retryByCommand: refusals.retryByCommand('3'),
    };
    for (const [name, text] of Object.entries(texts))
      it(name, () => expect(falseClaims(String(text), { made: [], cancelled: [], scheduled: false, stored: [] })).to.deep.equal([]));
  });

  describe('as a model', () => {
    it('gives the same reply to the same conversation', async () => {
      const conversation = [person('in the background, list files', 7), person('help', 8)];
      expect((await say(conversation)).reply).to.deep.equal((await say(conversation)).reply);
    });

    it('is slow where it is asked to be', async () => {
      const clock = makeFixedClock();
      let words = 0;
      const asking = new AbortController();
      const request = aRequest({ conversation: [person('write 500 characters slowly')] });
      const asked = ask(makeRehearsalModel({ clock }), request, { signal: asking.signal, onEvent: () => words++ });
      await clock.untilTimer();
      clock.advance(49);
      await new Promise(setImmediate);
      expect(words).to.equal(0);
      clock.advance(1);
      await clock.untilTimer();
      expect(words).to.equal(1);
      asking.abort();
      expect((await asked).error).to.include({ code: 'aborted' });
    });

    it('counts slowly at one number a second, and is as fast as ever with what it says beside', async () => {
      const clock = makeFixedClock();
      const startedAt = clock.now();
      const request = aRequest({ conversation: [person('count to 3 slowly', 7), person('hello', 8)] });
      let over = false;
      const done = ask(makeRehearsalModel({ clock }), request).finally(() => {
        over = true;
      });
      while (!over) {
        await Promise.race([done, clock.untilTimer()]);
        if (!over) clock.advance(1_000);
      }
      expect((await done).reply?.text).to.match(/^1 2 3\n\n.+\n\n— I am the rehearsal model/s);
      expect(clock.now() - startedAt).to.equal(3_000);
    });

    it('streams word by word at its pace, by the clock', async () => {
      const clock = makeFixedClock();
      const model = makeRehearsalModel({ paceMs: 50, clock });
      let words = 0;
      const asked = ask(model, aRequest(), { onEvent: () => words++ });
      for (let i = 0; i < 3; i++) {
        await clock.untilTimer();
        expect(words).to.equal(i);
        clock.advance(50);
        await new Promise(setImmediate);
      }
      expect(words).to.equal(3);
      let over = false;
      const done = asked.finally(() => {
        over = true;
      });
      while (!over) {
        await Promise.race([done, clock.untilTimer()]);
        clock.advance(50);
      }
      const { reply } = await done;
      expect(reply?.usage).to.deep.equal({
        inputTokens: Math.ceil(('Be brief.'.length + JSON.stringify(aRequest().conversation).length) / 4),
        outputTokens: Math.ceil((reply?.text.length ?? 0) / 4),
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
      });
      expect(() => makeRehearsalModel({ paceMs: 50 })).to.throw(TypeError);
    });

    it('an abort ends it at once, in the middle of a wait too', async () => {
      expect((await ask(makeRehearsalModel(), aRequest(), { signal: AbortSignal.abort() })).error).to.include({ code: 'aborted' });
      const clock = makeFixedClock();
      const abort = new AbortController();
      const asked = ask(makeRehearsalModel({ paceMs: 1e9, clock }), aRequest(), { signal: abort.signal });
      await clock.untilTimer();
      abort.abort();
      expect((await asked).error).to.include({ code: 'aborted', retryable: false });
      expect(clock.timers).to.equal(0);
    });
  });
});
