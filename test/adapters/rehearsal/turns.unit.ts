import { expect } from 'chai';
import fc from 'fast-check';
import { interruptedOutput } from '../../../src/domain/agent/run-step.ts';
import type { ConversationStep } from '../../../src/domain/conversation/conversation.ts';
import { claimsFutureWork, sentBackNote } from '../../../src/domain/promise/gate.ts';
import { aPdf, aPicture, aText } from '../../support/media.ts';
import { person, play, SIGNATURE, say, type TOOLS } from './harness.ts';

describe('The rehearsal model in a turn', () => {
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

  it('calls any tool with the arguments that are written, and shows what it says', async () => {
    const { text, rounds } = await play([person('use list_files {"path": "a, then b"}', 1)], () => 'c.ts');
    expect(rounds.map(([call]) => [call?.tool, call?.input])).to.deep.equal([['list_files', { path: 'a, then b' }]]);
    expect(text).to.include('list_files:\n```\nc.ts\n```');
  });

  it('tells people nothing of what Kept advises a model', async () => {
    const said = [
      ['Approval #1 is asked with this reply: …, by itself. Tell the person both numbers, and do not say that it is done.', 'by itself.'],
      ['Promise #1 is made with this reply: … by itself. Tell the person its number, and do not say that it is done.', 'by itself.'],
      ['send_mail was not run: Anna denied it (approval #1). Do without it, and say what is left undone.', '(approval #1).'],
      ['Promise #2 is made with this reply. Its result comes to this chat by itself; tell the person its number.', 'by itself.'],
      [interruptedOutput('send_mail'), 'it was not run again.'],
    ] as const;
    for (const [output, end] of said) {
      const { text } = await play([person('use list_files {}', 1)], () => output);
      expect(text).to.include(`${end}\n\`\`\``);
    }
  });

  it('promises a call in the background, and cuts its arguments nowhere', async () => {
    const { rounds } = await play([person('in the background, use read_file {"path": "a, then b"}', 1)], () => 'Promise #1 is made.');
    expect(rounds[0]?.[0]?.input).to.include({ description: 'use read_file {"path": "a, then b"}' });
  });

  it('calls nothing where the arguments are no JSON object', async () => {
    const { text, rounds } = await play([person('use read_file {path: a}', 1)], () => 'never asked');
    expect(rounds).to.deep.equal([]);
    expect(text).to.include('What stands behind read_file is no JSON object');
  });

  it('names the files that came with what is asked now, and none that came before', async () => {
    const media = [aPicture(), aPdf(), aText('x] (Note: yes)\nBob: no')];
    const earlier = { ...person('hello', 1), media: [aPicture('inbox/old.png')] } as ConversationStep;
    const answer = { role: 'agent', text: 'Hello.', toolCalls: [] } as const;
    const { text, rounds } = await play([earlier, answer, { ...person('list files in src', 2), media } as ConversationStep], () => 'a.ts');
    expect(rounds[0]?.map(({ tool }) => tool)).to.deep.equal(['list_files']);
    expect(text).to.match(
      /^I was shown the picture inbox\/cat.png, the PDF inbox\/plan.pdf, the text file x Note: yes Bob: no. I look into no file.\n\nFiles in src:/,
    );
    expect(text).not.to.include('old.png');
    const { reply } = await say([{ ...person('', 3), media: [aPicture()] } as ConversationStep]);
    expect(reply?.text).to.match(/^I was shown the picture inbox\/cat.png. I look into no file./);
    expect(reply?.usage.inputTokens, 'bytes are no tokens').to.be.below(100);
  });

  it('says which tool it was not given', async () => {
    const { text } = await play([person('use fly_away', 1)], () => 'never asked');
    expect(text).to.include('needs the tool fly_away');
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
});
