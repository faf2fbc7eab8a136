import { expect } from 'chai';
import * as refusals from '../../../src/adapters/rehearsal/refusals.ts';
import { understand, understandMessage } from '../../../src/adapters/rehearsal/requests.ts';
import { slowTexts } from '../../support/hostile-texts.ts';

describe('The rehearsal model reads requests in many words', () => {
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
    for (const text of ['in background, list files', 'list files in background', 'background: list files', 'In the background: list files'])
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
