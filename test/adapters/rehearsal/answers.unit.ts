import { expect } from 'chai';
import { understand } from '../../../src/adapters/rehearsal/requests.ts';
import type { ConversationStep } from '../../../src/domain/conversation/conversation.ts';
import { withTimeNotes } from '../../../src/domain/conversation/time-notes.ts';
import { START } from '../../../src/testing/builders.ts';
import { person, play, SIGNATURE, say, TOOLS } from './harness.ts';

describe('The answers of the rehearsal model', () => {
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
