import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import * as answers from '../../../src/adapters/rehearsal/answers.ts';
import { makeRehearsalModel } from '../../../src/adapters/rehearsal/index.ts';
import { taskTypeOf } from '../../../src/adapters/rehearsal/plan.ts';
import * as refusals from '../../../src/adapters/rehearsal/refusals.ts';
import { understand, understandMessage } from '../../../src/adapters/rehearsal/requests.ts';
import type { ConversationStep, ToolCall } from '../../../src/domain/conversation/conversation.ts';
import { withTimeNotes } from '../../../src/domain/conversation/time-notes.ts';
import { claimsFutureWork, falseClaims, sentBackNote } from '../../../src/domain/promise/gate.ts';
import { START } from '../../../src/testing/builders.ts';
import { makeFixedClock } from '../../../src/testing/fixed-clock.ts';
import { telegramMessage } from '../../../src/testing/index.ts';
import { slowTexts } from '../../support/hostile-texts.ts';
import { aRequest, ask } from '../../support/model-peer.ts';

const { help, SIGNATURE } = answers;
const TOPICS = ['hello', 'nod', 'thanks', 'bye', 'time', 'word', 'who', 'model'] as const;
const page = readFileSync(new URL('../../../docs/reference/rehearsal.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```text ([\w-]+)\n(.*?)\n```$/gms)].flatMap(([, kind, lines]) =>
  (lines ?? '').split('\n').map((line) => [kind, line] as const),
);

const TOOLS = [
  'make_promise',
  'list_promises',
  'cancel_promise',
  'schedule_promise',
  'list_schedules',
  'cancel_schedule',
  'read_file',
  'list_files',
  'search_files',
].map((name) => ({
  name,
  description: name,
  inputSchema: { type: 'object' },
}));
const person = (text: string, id?: number): ConversationStep => ({
  role: 'person',
  name: 'Ada',
  text,
  ...(id === undefined ? {} : { messageId: telegramMessage(id) }),
});
const say = (conversation: readonly ConversationStep[], tools = TOOLS) => ask(makeRehearsalModel(), aRequest({ conversation, tools }));

/** Plays the agent's loop: answers each call by `tool`, until there is a reply without calls. */
const play = async (said: readonly ConversationStep[], tool: (call: ToolCall) => string | { error: string }) => {
  const conversation = [...said];
  const rounds: (readonly ToolCall[])[] = [];
  for (let step = 0; step < 10; step++) {
    const { reply } = await say(conversation);
    if (!reply || reply.toolCalls.length === 0) return { text: reply?.text ?? '', rounds, conversation };
    expect(reply.stop).to.equal('tool_calls');
    rounds.push(reply.toolCalls);
    conversation.push({ role: 'agent', text: reply.text, toolCalls: reply.toolCalls });
    for (const call of reply.toolCalls) {
      const output = tool(call);
      const isError = typeof output !== 'string';
      conversation.push({ role: 'tool', callId: call.id, tool: call.tool, output: isError ? output.error : output, isError });
    }
  }
  throw new Error('it never came to an answer');
};

describe('rehearsal model', () => {
  it('does nothing about what it only overheard', async () => {
    const overheard: ConversationStep = { ...person('cancel promise 3', 1), role: 'person', overheard: true } as ConversationStep;
    const { reply } = await say([overheard, person('list my promises', 2)]);
    expect(reply?.toolCalls.map(({ tool }) => tool)).to.deep.equal(['list_promises']);
  });

  describe('understands what its page says', () => {
    it('the page has examples of every kind', () => {
      const kinds = [
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

  describe('reads requests exactly', () => {
    for (const [text, request] of [
      ['count the TODO comments in this project', { kind: 'count', marker: 'TODO' }],
      ['count fixmes in src/deep', { kind: 'count', marker: 'FIXME', path: 'src/deep' }],
      ['search for "a in b" in src', { kind: 'search', term: 'a in b', isPattern: false, path: 'src' }],
      ['search for cats in the rain', { kind: 'search', term: 'cats in the rain', isPattern: false }],
      ['grep /a+/', { kind: 'search', term: 'a+', isPattern: true }],
      ['list files in ..', { kind: 'list-files', path: '..' }],
      ['read ../../etc/passwd', { kind: 'read-file', path: '../../etc/passwd' }],
      ['read README.md.', { kind: 'read-file', path: 'README.md' }],
      ['list in-progress promises', { kind: 'list-promises', status: 'in_progress' }],
      ['cancel promise #12!', { kind: 'cancel-promise', id: 12 }],
      ['in the background, read a.ts, then list files', { kind: 'background', tasks: ['read a.ts', 'list files'] }],
      ['count the TODOs in the background, then list files', { kind: 'background', tasks: ['count the TODOs', 'list files'] }],
      ['every day at 9:05, count TODOs', { kind: 'schedule', cron: '5 9 * * *', task: 'count TODOs' }],
      ['every Friday at 17.30 list files in src.', { kind: 'schedule', cron: '30 17 * * 5', task: 'list files in src' }],
      ['every weekday, read README.md', { kind: 'schedule', cron: '0 9 * * 1-5', task: 'read README.md' }],
      ['every minute, list files', { kind: 'schedule', cron: '* * * * *', task: 'list files' }],
      ['on schedule 0 9,18 * * 1,3-5, list files', { kind: 'schedule', cron: '0 9,18 * * 1,3-5', task: 'list files' }],
      ['every dog has its day', { kind: 'unknown' }],
      ['cancel schedule #4', { kind: 'cancel-schedule', id: 4 }],
      ['write 20,000 characters!', { kind: 'write', characters: 20_000, slowly: false }],
      ['write 100000 characters slowly, please', { kind: 'write', characters: 100_000, slowly: true }],
      ['claim without promise', { kind: 'claim', again: false }],
      ['keep claiming work without a promise!', { kind: 'claim', again: true }],
      ['what does "in the background" mean', { kind: 'unknown' }],
      ['show me the money', { kind: 'unknown' }],
      ['count the files', { kind: 'unknown' }],
      ['', { kind: 'unknown' }],
      [`search for ${'x'.repeat(500)}`, { kind: 'unknown' }],
    ] as const)
      it(JSON.stringify(text), () => expect(understand(text)).to.deep.equal(request));

    for (const [text, at, task] of [
      ['in 5 minutes, count the TODOs', 'PT5M', 'count the TODOs'],
      ['count the TODOs in 5 minutes', 'PT5M', 'count the TODOs'],
      ['in an hour list files', 'PT1H', 'list files'],
      ['in half an hour, list files', 'PT30M', 'list files'],
      ['in 90 seconds: list files', 'PT1M30S', 'list files'],
      ['in 1 hour and 30 minutes, list files', 'PT1H30M', 'list files'],
      ['in two weeks, list files', 'P14D', 'list files'],
      ['list files 10 minutes from now', 'PT10M', 'list files'],
      ['at 17:00 count the TODOs', '17:00', 'count the TODOs'],
      ['at 5pm, list files', '17:00', 'list files'],
      ['at 12am, list files', '00:00', 'list files'],
      ['list files at noon', '12:00', 'list files'],
      ['tomorrow, list files', 'tomorrow 09:00', 'list files'],
      ['at 17:00 tomorrow, list files', 'tomorrow 17:00', 'list files'],
      ['tonight at 8, list files', 'today 20:00', 'list files'],
      ['list files on friday at 9.30', 'friday 09:30', 'list files'],
      ['on 2030-12-01 at 9, list files', '2030-12-01T09:00', 'list files'],
      ['in the background, in 5 minutes, list files', 'PT5M', 'list files'],
      ['remind me in 10 minutes to call Bob', 'PT10M', 'remind me to call Bob'],
      ['remind me to call Bob in 10 minutes', 'PT10M', 'remind me to call Bob'],
      ['in 10 minutes, remind me to call Bob and tell him', 'PT10M', 'remind me to call Bob and tell him'],
      ['please remind us at 5pm: stand-up!', '17:00', 'remind me stand-up'],
      ['in a couple of minutes, list files', 'PT2M', 'list files'],
      ['remind me in a few minutes to eat', 'PT3M', 'remind me to eat'],
      ['this friday, list files', 'friday 09:00', 'list files'],
      ['on fri at 5pm, list files', 'friday 17:00', 'list files'],
      ['this evening, list files', 'today 18:00', 'list files'],
      ['friday night, list files', 'friday 20:00', 'list files'],
      ['on friday evening at 6, list files', 'friday 18:00', 'list files'],
      ['list files on monday morning', 'monday 09:00', 'list files'],
      ['this afternoon at 4, list files', 'today 16:00', 'list files'],
      ['tomorrow night at 10, list files', 'tomorrow 22:00', 'list files'],
      ['tonight at 10:30, list files', 'today 22:30', 'list files'],
      ['on 2030-12-24, list files', '2030-12-24T09:00', 'list files'],
      ['list files at 2030-12-24', '2030-12-24T09:00', 'list files'],
      ['at 17h, list files', '17:00', 'list files'],
      ['at 17h30, list files', '17:30', 'list files'],
      ['at five pm, list files', '17:00', 'list files'],
      ['at half past five, list files', '05:30', 'list files'],
      ['at quarter to 6 tomorrow, list files', 'tomorrow 05:45', 'list files'],
      ['at a quarter past nine, list files', '09:15', 'list files'],
      ['in background, in 5 minutes, list files', 'PT5M', 'list files'],
    ] as const)
      it(`later: ${text}`, () => expect(understand(text)).to.deep.equal({ kind: 'later', at, tasks: [task] }));

    for (const [text, cron] of [
      ['every 5 minutes, list files', '*/5 * * * *'],
      ['every half hour, list files', '*/30 * * * *'],
      ['every 60 minutes, list files', '0 * * * *'],
      ['every 2 hours, list files', '0 */2 * * *'],
      ['every 24 hours, list files', '0 0 * * *'],
      ['hourly, list files', '0 * * * *'],
      ['list files every day at 9am', '0 9 * * *'],
      ['at 9:30 every day, list files', '30 9 * * *'],
      ['every morning, list files', '0 9 * * *'],
      ['every evening, list files', '0 18 * * *'],
      ['every weekend, list files', '0 9 * * 0,6'],
      ['every monday, wednesday and friday at 9, list files', '0 9 * * 1,3,5'],
      ['weekly, list files', '0 9 * * 1'],
      ['every month, list files', '0 9 1 * *'],
      ['every day at midnight, list files', '0 0 * * *'],
      ['every evening at 6, list files', '0 18 * * *'],
      ['every night at 11, list files', '0 23 * * *'],
      ['every night at 2, list files', '0 2 * * *'],
      ['every afternoon at 3:30, list files', '30 15 * * *'],
      ['every evening at 6pm, list files', '0 18 * * *'],
      ['every sunday evening, list files', '0 18 * * 0'],
      ['every wednesday evening at 7, list files', '0 19 * * 3'],
      ['every week on monday at 8, list files', '0 8 * * 1'],
      ['everyday at 9, list files', '0 9 * * *'],
      ['nightly, list files', '0 20 * * *'],
      ['every working day, list files', '0 9 * * 1-5'],
      ['at 7 every evening, list files', '0 19 * * *'],
      ['every morning at 7, list files', '0 7 * * *'],
      ['every tues at 8, list files', '0 8 * * 2'],
      ['every mon, wed and fri at 9, list files', '0 9 * * 1,3,5'],
      ['on mondays, list files', '0 9 * * 1'],
      ['list files on tuesdays and thursdays at 10', '0 10 * * 2,4'],
      ['on weekdays at 9, list files', '0 9 * * 1-5'],
      ['on weekends, list files', '0 9 * * 0,6'],
      ['once a day, list files', '0 9 * * *'],
      ['once a week at 10, list files', '0 10 * * 1'],
    ] as const)
      it(`again and again: ${text}`, () => expect(understand(text)).to.deep.equal({ kind: 'schedule', cron, task: 'list files' }));

    for (const [text, words] of [
      ['at 25:00, list files', '“25:00” is no time of day'],
      ['at 13pm, list files', '“13pm” is no time of day'],
      ['at 17:60, list files', '“17:60” is no time of day'],
      ['in 0 minutes, list files', 'not ahead'],
      ['in -5 minutes, list files', 'not ahead'],
      ['in 99999 days, list files', 'too far off'],
      ['in 2 months, list files', 'differ in length'],
      ['every 61 minutes, list files', 'divide an hour'],
      ['every 0 minutes, list files', 'divide an hour'],
      ['every 7 minutes, list files', 'divide an hour'],
      ['every 5 hours, list files', 'divide a day'],
      ['every 30 seconds, list files', 'goes by minutes'],
      ['every other day, list files', 'can’t count days'],
      ['every 3 days, list files', 'can’t count days'],
      ['every day at 25:00, list files', '“25:00” is no time of day'],
      ['every hour at 9:00, list files', 'no time of day'],
      ['every day, list files, then count TODOs', 'one task'],
      ['every day at 9 and 17, list files', 'one time of the day'],
      ['twice a day, list files', 'one time of the day'],
      ['3 times a day, list files', 'one time of the day'],
      ['on december 5, list files', 'year first'],
      ['on the 5th of december at 10:00, list files', 'year first'],
      ['list files on 24.12.2030', 'year first'],
      ['the day after tomorrow, list files', 'no time on a clock'],
      ['today, list files', 'no time on a clock'],
      ['list files later', 'no time on a clock'],
      ['next week, list files', 'no time on a clock'],
      ['in the evening, list files', 'no time on a clock'],
      ['remind me next month to pay', 'no time on a clock'],
      ['yesterday at 5, list files', 'is past'],
      ['list files last week', 'is past'],
      ['in the background, hi', 'What is to be done in the background?'],
      ['please, in the background', 'What is to be done in the background?'],
      ['background: dance', 'no rule for “dance”'],
      ['schedule', 'every day at 9:00'],
      ['promise', 'in the background, count'],
      ['find', 'Search for what?'],
      ['count to ten', 'from 1 up to 1,000'],
      ['in the background', 'What is to be done in the background?'],
      ['in 5 minutes', 'What is to be done then?'],
      ['every day at 9', 'What is to be done then?'],
      ['remind me at 5pm', 'Remind you of what'],
      ['in the background, a, then b, then c, then d, then e, then f', 'at most 5 tasks'],
      ['in the background, make me a sandwich', 'no rule for “make me a sandwich”'],
      ['list files, then dance in the background', 'no rule for “dance”'],
      ['in 5 minutes, summarize README.md', 'no rule for “summarize README.md”'],
      ['in the background, help', 'no rule for “help”'],
      ['in the background, cancel promise 3', 'no rule for “cancel promise 3”'],
      ['in the background, search for', 'Search for what?'],
      ['in the background, write 100001 characters', '1 to 100,000'],
      ['search for', 'Search for what?'],
      ['search for ""', 'Search for what?'],
      ['grep', 'Search for what?'],
      ['read', 'Read which file?'],
      ['open the file', 'Read which file?'],
      ['read my notes.txt', 'read "my notes.txt"'],
      ['list', 'List what?'],
      ['list files in', 'which directory?'],
      ['count', 'Count what?'],
      ['count to 0', '1 up to 1,000'],
      ['count to', '1 up to 1,000'],
      ['write 0 characters', '1 to 100,000'],
      ['write 100001 characters', '1 to 100,000'],
      ['write abc characters', '1 to 100,000'],
      ['write -5 characters', '1 to 100,000'],
      ['write characters', '1 to 100,000'],
      ['cancel', '/cancel 3'],
      ['cancel all promises', '/cancel 3'],
      ['cancel #abc', '/cancel 3'],
      ['retry', '/retry 3'],
      ['retry 1', '/retry 1'],
      ['retry promise #7', '/retry 7'],
      ['what is promise abc', 'what is promise #3?'],
    ] as const)
      it(`refuses, and says why: ${text}`, () => {
        const request = understand(text);
        expect(request).to.have.property('kind', 'refused');
        expect(request.kind === 'refused' && request.answer).to.include(words);
      });

    it('takes a time for a part of the words where nothing else makes sense', () => {
      expect(understand('search for tomorrow')).to.include({ kind: 'search', term: 'tomorrow' });
      expect(understand('search for "in 5 minutes"')).to.include({ kind: 'search', term: 'in 5 minutes' });
    });

    it('takes a story for no request, whatever time it names', () => {
      for (const text of ['we met last week', 'yesterday I was ill', 'see the notes of today', 'I will think about it later', 'later'])
        expect(understand(text).kind, text)
          .to.be.oneOf(['unknown', 'refused'])
          .and.to.satisfy(() => {
            const request = understand(text);
            return request.kind !== 'refused' || !request.answer.includes('Nothing was made');
          });
    });

    it('does in the background what is asked for without an article, too', () => {
      for (const text of [
        'in background, list files',
        'list files in background',
        'background: list files',
        'In the background: list files',
      ])
        expect(understand(text), text).to.deep.equal({ kind: 'background', tasks: ['list files'] });
      expect(understand('list files in src/background')).to.deep.equal({ kind: 'list-files', path: 'src/background' });
    });

    it('asks for a time and gives a line that it understands, where a reminder lacks them', () => {
      for (const what of ['', 'to', 'at work to eat', 'to eat']) {
        const [, line = ''] = /^- `?([^`]+)/m.exec(refusals.remind(what)) ?? [];
        expect(understand(line), what).to.deep.equal({
          kind: 'later',
          at: 'PT10M',
          tasks: [`remind me ${what === 'to eat' ? what : 'to stretch'}`],
        });
      }
      expect(understand('remind')).to.deep.equal({ kind: 'remind', what: '' });
      expect(understand('remind Bob to eat')).to.deep.equal({ kind: 'unknown' });
    });

    it('takes what is asked for right now as asked for', () => {
      for (const text of ['now, list files', 'right now list files', 'immediately, list files'])
        expect(understand(text), text).to.deep.equal({ kind: 'list-files' });
    });

    it('finds as it searches', () =>
      expect(understand('find retry in src')).to.deep.equal({ kind: 'search', term: 'retry', isPattern: false, path: 'src' }));

    for (const [topic, texts] of [
      ['hello', ['good morning', 'yo', 'sup', 'are you there?', 'is anyone here?', 'how are you?']],
      ['nod', ['ok', 'okay, great', 'cool!', 'yes', 'no', 'sorry', 'got it', 'I see', 'nice']],
      ['thanks', ['thx', 'ty', 'thanks a lot!']],
      ['bye', ['good night', 'see you later']],
      ['who', ['who made you', 'who built this?', 'what are you', 'are you claude?']],
      ['word', ['what do you do?', 'what is kept?']],
    ] as const)
      it(`small talk, ${topic}`, () => {
        for (const text of texts) expect(understand(text), text).to.deep.equal({ kind: 'small-talk', topic });
      });

    it('takes lines for requests of their own where they are', () => {
      const kinds = (text: string) => understandMessage(text).map(({ request }) => request.kind);
      expect(kinds('list files\n\ncount TODOs in the background')).to.deep.equal(['list-files', 'background']);
      expect(kinds('list files\nand something else')).to.deep.equal(['list-files', 'unknown']);
      expect(kinds('in the background, count TODOs\nlist files')).to.deep.equal(['background', 'list-files']);
      expect(kinds('in the background, write a poem:\n- short\n- sad')).to.deep.equal(['refused']);
      expect(kinds('in 5 minutes, list files\nremind me at 17:00 to stretch')).to.deep.equal(['later', 'later']);
      expect(kinds('one\ntwo')).to.deep.equal(['unknown']);
      expect(kinds('a text of several lines\nend\nok')).to.deep.equal(['unknown']);
    });

    it('takes no hostile text much longer than a plain one', () => {
      expect(slowTexts(understandMessage, 50_000)).to.deep.equal([]);
    }).timeout(20_000);

    it('takes no time over hostile texts', () => {
      const long = 100_000;
      for (const part of [
        'in 5 minutes ',
        'every ',
        'at 9 ',
        'remind me ',
        'hi ',
        'cancel ',
        '1 hour and ',
        'a',
        ' ',
        ',',
        '"',
        '(',
        '\\',
        'please ',
        'in the background ',
        ', then ',
        ' in ',
        '.!?',
        '\n',
        '#',
      ])
        for (const text of [part.repeat(long / part.length), `in the background, ${part.repeat(long / part.length)}x`]) {
          const started = performance.now();
          expect(understandMessage(text)).to.have.length.above(0);
          expect(performance.now() - started, `${JSON.stringify(part)} repeated`).to.be.below(500);
        }
    });
  });

  describe('in a turn', () => {
    it('promises each background task of every gathered message, at once, and answers all', async () => {
      let number = 11;
      const said = [
        person('in the background, count the TODO comments in this project', 1),
        person('tell me a joke', 2),
        person('please list the files in the background', 3),
        person('please list the files in the background', 4),
      ];
      const { text, rounds } = await play(said, () => `Promise #${++number} is made with this reply.`);
      expect(rounds).to.have.length(1);
      expect(rounds[0]?.map(({ tool, input }) => [tool, input])).to.deep.equal([
        ['make_promise', { description: 'count the TODO comments in this project', task_type: 'search' }],
        ['make_promise', { description: 'list the files', task_type: 'search' }],
        ['make_promise', { description: 'list the files', task_type: 'search' }],
      ]);
      expect(new Set(rounds[0]?.map(({ id }) => id)).size).to.equal(3);
      for (const part of [
        'Promise #12: “count the TODO comments',
        '“tell me a joke”',
        'Promise #13: “list the files”',
        'Promise #14: “list the files”',
        SIGNATURE,
      ])
        expect(text).to.include(part);
    });

    it('keeps messages apart that have no id', async () => {
      const { text, rounds } = await play([person('read a.ts'), person('read b.ts')], ({ input }) => `this is ${JSON.stringify(input)}`);
      expect(rounds).to.have.length(1);
      expect(text).to.include('a.ts:\n```\nthis is {"path":"a.ts"}').and.include('b.ts:\n```\nthis is {"path":"b.ts"}');
    });

    it('answers only what was said since its last answer', async () => {
      const first = await play([person('list files', 1)], () => 'a.ts');
      const { rounds, text } = await play(
        [...first.conversation, { role: 'agent', text: first.text, toolCalls: [] }, person('help', 2)],
        () => 'never asked',
      );
      expect(rounds).to.deep.equal([]);
      expect(text).not.to.include('a.ts');
    });

    it('chains promises by the numbers that the tool gave', async () => {
      let number = 0;
      const { text, rounds } = await play(
        [person('list files, then count TODOs, then read a.ts in the background')],
        () => `Promise #${++number} is made.`,
      );
      expect(rounds.map(([call]) => call?.input)).to.deep.equal([
        { description: 'list files', task_type: 'search' },
        { description: 'count TODOs', task_type: 'search', depends_on: [1] },
        { description: 'read a.ts', task_type: 'search', depends_on: [2] },
      ]);
      expect(text).to.include('Promise #3, once #2 is kept: “read a.ts”');
    });

    it('stops a chain where a promise is refused, and says what was not promised', async () => {
      let number = 0;
      const { text } = await play([person('list files, then count TODOs, then read a.ts in the background')], () =>
        ++number === 2 ? { error: 'No promise was made: the list is full' } : `Promise #${number} is made.`,
      );
      for (const part of [
        'Promise #1: “list files”',
        'I could not promise “count TODOs”',
        'the list is full',
        '“read a.ts” was to follow and is not promised',
      ])
        expect(text).to.include(part);
    });

    it('never claims a promise that the tool did not name', async () => {
      const { text } = await play([person('list files in the background')], () => 'maybe later');
      expect(text)
        .to.include('make_promise says: maybe later')
        .and.not.match(/Promise #/);
    });

    it('tells the total of the summary, not of the lines that are shown', async () => {
      const output =
        '1,234 matching lines in 2 files (40 files searched, 3 skipped)\na.ts:1: // TODO\na.ts:9: # TODO b.ts:3: x\nb.ts:2: // TODO\n[1231 more matching lines are not listed]';
      const { text } = await play([person('count TODOs')], () => output);
      for (const part of ['TODO comments: 1,234, in 2 files (40 searched, 3 skipped)', 'Of the first 3:', '- a.ts: 2', '- b.ts: 1'])
        expect(text).to.include(part);
    });

    it('shows output that it can not read instead of a number', async () => {
      const { text } = await play([person('count TODOs')], () => 'all quiet');
      expect(text).to.include('all quiet').and.not.include('TODO comments: ');
    });

    it('reports the error of a tool', async () => {
      const { text } = await play([person('read ../secret')], () => ({ error: 'read_file failed: ../secret leads outside' }));
      expect(text).to.include('“read ../secret” failed').and.include('leads outside');
    });

    it('says which tool it lacks', async () => {
      for (const [text, tool] of [
        ['list files in the background', 'make_promise'],
        ['count TODOs', 'search_files'],
        ['cancel promise 1', 'cancel_promise'],
      ] as const) {
        const { reply } = await say([person(text)], []);
        expect(reply?.text).to.include(tool).and.include('nothing was done');
        expect(reply?.stop).to.equal('end');
      }
    });

    it('picks one promise from the list by its whole number', async () => {
      const list = '#31 [pending] b\n#3 [completed] a';
      expect((await play([person('what is promise 3')], () => list)).text)
        .to.include('#3 [completed] a')
        .and.not.include('#31');
      expect((await play([person('what is promise 1')], () => list)).text).to.include('no promise #1 here');
    });

    it('output can not close the fence that it stands in', async () => {
      const { text } = await play([person('read a.md')], () => 'x\n````\ny');
      expect(text).to.include('`````\nx\n````\ny\n`````');
    });

    it('escapes text for the search, and not a pattern', async () => {
      const input = async (text: string) => (await play([person(text)], () => '')).rounds[0]?.[0]?.input;
      expect(await input('search for a.b[0]\\')).to.deep.equal({ pattern: 'a\\.b\\[0\\]\\\\', ignore_case: true });
      expect(await input('grep /a.b/ in src')).to.deep.equal({ pattern: 'a.b', ignore_case: true, path: 'src' });
    });

    it('quotes what it does not understand, whatever it is, and says what it is', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.string({ maxLength: 200 }).map((text) => `zz ${text}`),
          async (text) => {
            const { reply } = await say([person(text)]);
            expect(reply?.text).to.include(text.trim()).and.include('rehearsal model');
          },
        ),
        { numRuns: 50 },
      );
    });

    it('claims what it does not promise where it is asked to, and makes it true when that is sent back, or says it again', async () => {
      const note: ConversationStep = { role: 'person', name: 'Ada', text: sentBackNote([], true) };
      const sentBack = async (text: string, tools?: typeof TOOLS) => {
        const claimed = (await say([person(text)], tools)).reply?.text ?? '';
        expect(claimsFutureWork(claimed)).to.have.length(1);
        return [person(text), { role: 'agent', text: claimed, toolCalls: [] } as const, note];
      };
      const kept = await play(await sentBack('claim without promise'), () => 'Promise #7 is made with this reply.');
      expect(kept.rounds.map(([call]) => call?.tool)).to.deep.equal(['make_promise']);
      expect(kept.text).to.include('Promise #7');
      const again = await play(await sentBack('keep claiming without promise'), () => 'never asked');
      expect(claimsFutureWork(again.text)).to.have.length(1);
      const bare = (await say(await sentBack('claim without promise', []), [])).reply?.text ?? '';
      expect(claimsFutureWork(bare)).to.deep.equal([]);
    });

    it('writes samples to the character, and says what they are', async () => {
      for (const characters of [1, 20, 500, 5_000, 100_000]) {
        const [sample = ''] = ((await say([person(`write ${characters} characters`)])).reply?.text ?? '').split(`\n\n${SIGNATURE}`);
        expect(sample).to.have.length(characters);
        expect(sample.match(/^```/gm)?.length ?? 0, 'every block of code is closed').to.satisfy((fences: number) => fences % 2 === 0);
      }
    });

    it('says once in a conversation what it is, and how to come to a real model', async () => {
      const said = person('list files', 1);
      const first = await play([said], () => 'a.ts');
      expect(first.text)
        .to.match(/rehearsal model.*OPENAI_API_KEY.*\.env/s)
        .and.include(SIGNATURE);
      const answered = { role: 'agent', text: first.text, toolCalls: [] } as const;
      const outcome = { role: 'agent', text: 'Promise #1 is kept: list files\n\na.ts', toolCalls: [] } as const;
      for (const text of ['list files', 'zz', 'hi', 'in the background, list files', 'help'])
        expect((await play([said, answered, person(text, 2)], () => 'Promise #2 is made.')).text, text).not.to.include('no AI');
      expect((await play([outcome, person('help', 2)], () => '')).text, 'behind the outcome of a promise alone').to.include(SIGNATURE);
      const other = { role: 'agent', text: 'Hello, I am another model.', toolCalls: [] } as const;
      expect((await play([said, other, person('help', 2)], () => '')).text, 'behind the answer of another model').to.include(SIGNATURE);
      const who = (await play([said, answered, person('who are you?', 2)], () => '')).text;
      expect(who).to.match(/rehearsal model: offline, no AI.*OPENAI_BASE_URL.*\.env\.example/s);
    });

    it('gives two lines to copy, each of which it understands, to whoever greets it or says what it does not know', async () => {
      for (const text of [
        'hi',
        'Hello there!',
        'thanks',
        'how does kept keep its word?',
        'who are you',
        'what time is it?',
        'do my taxes',
        'bake bread in src',
      ]) {
        const answer = (await say([person(text)])).reply?.text ?? '';
        const lines = [...answer.matchAll(/^- (.+)$/gm)].map(([, line]) => line ?? '');
        expect(lines, text).to.have.length(2);
        for (const line of lines) expect(understand(line).kind, line).not.to.be.oneOf(['unknown', 'refused']);
      }
    });

    it('says that there is no such command where words behind a slash are none', async () => {
      const answer = async (text: string) => (await say([person(text)])).reply?.text;
      expect(await answer('/cook rice')).to.match(/^No such command: \/cook; \/help lists them\. You said “\/cook rice”\./);
      expect(await answer('/etc/hosts please read')).to.match(/^You said “\/etc\/hosts please read”\./);
    });

    it('tells the time that it was told, and that it was not', async () => {
      const answer = async (...notes: ConversationStep[]) => (await say([person('what time is it?'), ...notes])).reply?.text;
      expect(await answer(...withTimeNotes([], START, 'Europe/Berlin'))).to.match(
        /^It is Sunday, 2026-11-22 13:00, on the clocks of Europe\/Berlin\. /,
      );
      expect(await answer()).to.match(/^Nobody told me the time\./);
    });

    it('gives make_promise the start of what is asked for later, and tells the one that it set', async () => {
      let number = 0;
      const { text, rounds } = await play([person('in 5 minutes, list files, then count TODOs')], () =>
        ++number === 1
          ? 'Promise #1 is made with this reply: list files. It starts at 2026-11-22 12:05 (UTC). Its result comes.'
          : 'Promise #2 is made.',
      );
      expect(rounds.map(([call]) => call?.input)).to.deep.equal([
        { description: 'list files', task_type: 'search', at: 'PT5M' },
        { description: 'count TODOs', task_type: 'search', depends_on: [1] },
      ]);
      expect(text)
        .to.include('Promise #1, at 2026-11-22 12:05 (UTC): “list files”')
        .and.include('Promise #2, once #1 is kept: “count TODOs”');
    });

    it('tells how to end its process where a promise takes long', async () => {
      const { text } = await play([person('in the background, count to 30 slowly')], () => 'Promise #1 is made.');
      expect(text).to.include('`kill -9`').and.include('kept start').and.include('the result still comes');
    });

    describe('at work on a promise', () => {
      const atWork = [
        ...TOOLS.filter(({ name }) => /file|list_promises/.test(name)),
        { name: 'report_failure', description: '', inputSchema: { type: 'object' } },
      ];
      const work = async (task: string, output: string | { error: string } = 'a.ts') => {
        const conversation: ConversationStep[] = [person(task)];
        for (;;) {
          const { reply } = await say(conversation, atWork);
          const [call] = reply?.toolCalls ?? [];
          if (!call || call.tool === 'report_failure')
            return call ? { failure: (call.input as { reason: string }).reason } : { text: reply?.text };
          const isError = typeof output !== 'string';
          conversation.push({ role: 'agent', text: '', toolCalls: [call] });
          conversation.push({ role: 'tool', callId: call.id, tool: call.tool, output: isError ? output.error : output, isError });
        }
      };

      it('answers what it has a rule for, without a word on itself', async () => {
        expect(await work('count to 5 slowly')).to.deep.equal({ text: '1 2 3 4 5' });
        expect(await work('remind me to call Bob')).to.deep.equal({ text: 'Reminder: “call Bob”' });
        expect(await work('list my promises', '#1 [pending] x')).to.deep.equal({ text: 'Promises:\n#1 [pending] x' });
        expect((await work('list files')).text).to.match(/^Files:/);
      });

      it('reports as a failure what it has no rule for, a tool that fails or is missing, and what is no task', async () => {
        expect((await work('make me a sandwich')).failure).to.include('no rule for that');
        expect((await work('read notes.txt', { error: 'there is no notes.txt' })).failure).to.include('there is no notes.txt');
        for (const task of [
          'cancel promise 3',
          'every day, list files',
          'in the background, list files',
          'claim without promise',
          'in 5 minutes, list files',
        ])
          expect((await work(task)).failure, task).to.include('nothing was done');
        expect((await work('list my schedules')).failure)
          .to.include('list_schedules')
          .and.include('nothing was done');
        expect((await work('search for')).failure).to.include('Search for what?');
        expect((await work('list files\nread b.ts\nmake tea')).failure, 'one of several')
          .to.include('a.ts')
          .and.include('make tea');
      });
    });

    it('an empty conversation is no error', async () => {
      expect((await say([])).reply?.text).to.include(SIGNATURE);
    });

    it('quotes a long message in part, and says so', async () => {
      const { reply } = await say([person('zz'.repeat(50_000))]);
      expect(reply?.text).to.include('(100000 characters in all)').and.have.length.below(2000);
    });
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
