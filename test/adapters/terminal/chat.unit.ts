import { expect } from 'chai';
import { runTerminalChat } from '../../../src/adapters/terminal/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { makeScriptedClient } from './client.ts';
import { KEYS, makeTerminal } from './emulator.ts';

describe('The conversation at a terminal', () => {
  let leave: (() => Promise<void>) | undefined;
  afterEach(async () => leave?.());

  const open = async ({
    columns = 60,
    rows = 20,
    color = false,
    before = (_chat: ReturnType<typeof makeScriptedClient>): void => undefined,
  } = {}) => {
    const chat = makeScriptedClient();
    before(chat);
    const terminal = makeTerminal(columns, rows);
    const leaving = new AbortController();
    const done = runTerminalChat({
      client: chat.client,
      input: terminal.input,
      output: terminal.output,
      color,
      signal: leaving.signal,
      header: 'Talking to Kept.',
    });
    leave = async () => {
      leaving.abort();
      await done;
    };
    await terminal.shows((text) => text.endsWith('›') && chat.isWatched());
    return { chat, terminal, done };
  };
  const count = (text: string, part: string): number => text.split(part).length - 1;

  it('sends a line, and shows the answer below it; its own message is not repeated', async () => {
    const { chat, terminal } = await open();
    chat.onPost((id, text) => chat.say(`You said ${text}.`, { answers: [id], replyTo: id }));
    terminal.type(`hello${KEYS.enter}`);
    await terminal.shows('You said hello.');
    expect(terminal.text()).to.equal('Talking to Kept.\n\n› hello\n● You said hello.  #2 ↪ #1\n\n›');
    expect(terminal.unexpected).to.deep.equal([]);
  });

  it('begins with the last messages', async () => {
    const { terminal } = await open({
      before: (chat) => {
        for (let n = 1; n <= 12; n++) chat.say(`message ${n}`);
      },
    });
    expect(terminal.text()).to.include('● message 5  #5\n\n● message 6  #6').and.include('● message 12');
    expect(terminal.text()).not.to.include('message 4');
  });

  it('puts what arrives above the line being typed, and leaves line and cursor as they are', async () => {
    const { chat, terminal } = await open({ columns: 30 });
    const typed = 'this line is long enough to go on in a second row';
    terminal.type(typed + KEYS.left + KEYS.left);
    await terminal.shows('second row');
    for (const n of [1, 2, 3]) chat.say(`news ${n}, which also takes more than one row`);
    await terminal.shows('news 3');
    const [input] = terminal.text().split('\n\n').slice(-1);
    expect(input).to.equal('› this line is long enough to\ngo on in a second row');
    expect(terminal.cursor()).to.deep.equal({ column: 19, line: 'go on in a second row' });
    for (const n of [1, 2, 3]) expect(count(terminal.text(), `news ${n}`)).to.equal(1);
    chat.onPost((id, text) => chat.say(`got ${text}`, { answers: [id] }));
    terminal.type(`X${KEYS.enter}`);
    await terminal.shows('got');
    expect(chat.transcript.at(-2)?.text).to.equal('this line is long enough to go on in a second rXow');
  });

  it('lets an answer grow above the input, then puts the final text in its place', async () => {
    const { chat, terminal } = await open();
    terminal.type(`when?${KEYS.enter}`);
    await terminal.shows('◌');
    chat.emit({ type: 'draft', text: 'It leaves' });
    await terminal.shows('● It leaves\n›');
    terminal.type('and');
    chat.emit({ type: 'draft', text: 'It leaves at nine, or so they say, and goes to the end of the line' });
    await terminal.shows('end of\n  the line\n› and');
    chat.say('It leaves at 9:41.', { answers: [chat.transcript[0]?.messageId ?? never()] });
    chat.emit({ type: 'draft', text: '' });
    await terminal.shows('9:41');
    expect(terminal.text()).to.equal('Talking to Kept.\n\n› when?\n● It leaves at 9:41.  #2 ↪ #1\n\n› and');
  });

  it('shows only the end of an answer that is higher than the screen, and leaves nothing of it behind', async () => {
    const { chat, terminal } = await open({ rows: 12 });
    const long = Array.from({ length: 40 }, (_, n) => `line ${n}`).join('\n');
    for (let length = 0; length <= long.length; length += 7) chat.emit({ type: 'draft', text: long.slice(0, length) });
    chat.emit({ type: 'draft', text: long });
    await terminal.shows('line 39');
    expect(terminal.text()).to.include('⋮ line 34').and.not.include('line 33\n');
    chat.say(long);
    chat.emit({ type: 'draft', text: '' });
    await terminal.shows((text) => text.includes('line 39  #1\n\n›'));
    expect(count(terminal.text(), 'line 38')).to.equal(1);
  });

  it('keeps the screen whole when a long text comes in one piece, as pasted ones do', async () => {
    const { chat, terminal } = await open({ columns: 30 });
    chat.emit({ type: 'draft', text: 'growing' });
    await terminal.shows('● growing');
    terminal.type('a text that comes at once and needs three rows of this narrow window');
    await terminal.shows('window');
    chat.emit({ type: 'draft', text: 'growing on' });
    await terminal.shows('growing on');
    expect(count(terminal.text(), 'growing')).to.equal(1);
  });

  it('lets no control character of a message through', async () => {
    const { chat, terminal } = await open({ color: true });
    chat.say('a\x1b]0;pwned\x07 b\x1b[2J\x1b[H c\x9b31m\x08 \u202ed');
    chat.emit({ type: 'draft', text: 'draft\x1b[2J' });
    chat.promise(7, { description: 'task\x1b]0;pwned\x07' });
    await terminal.shows((text) => text.includes('#7') && text.includes('a b'));
    expect(terminal.unexpected).to.deep.equal([]);
    expect(terminal.text()).to.include('● a b c d').and.include('● draft').and.not.include('pwned');
  });

  it('joins lines that end in a backslash, and pasted ones, into one message', async () => {
    const { chat, terminal } = await open();
    terminal.type(`first\\${KEYS.enter}`);
    await terminal.shows('…');
    terminal.type(`second${KEYS.enter}`);
    await terminal.shows('◌');
    terminal.type(`${KEYS.pasteStart}one\rtwo${KEYS.pasteEnd}`);
    await terminal.shows('… two');
    expect(chat.transcript).to.have.length(1);
    terminal.type(KEYS.enter);
    await terminal.shows(() => chat.transcript.length === 2);
    expect(chat.transcript.map(({ text }) => text)).to.deep.equal(['first\nsecond', 'one\ntwo']);
  });

  it('shows promises under way, and brings their results back to what was asked', async () => {
    const { chat, terminal } = await open();
    terminal.type(`compare${KEYS.enter}`);
    await terminal.shows('◌');
    const asked = chat.transcript[0]?.messageId ?? never();
    const promise = chat.promise(3, { messageId: asked });
    chat.say('I promise: #3.', { answers: [asked], replyTo: asked });
    await terminal.shows('◷ #3 pending: Compare the timetables\n›');
    chat.put({ ...promise, status: 'in_progress' });
    await terminal.shows('#3 in progress');
    terminal.type(`something else${KEYS.enter}`);
    await terminal.shows(() => chat.transcript.length === 3);
    chat.put({ ...promise, status: 'completed' });
    chat.say('Promise #3 is kept.', { replyTo: asked });
    await terminal.shows('● ↪ compare\n  Promise #3 is kept.');
    expect(terminal.text()).not.to.include('◷');
  });

  it('runs its own commands, and sends every other text that begins with a slash', async () => {
    const { chat, terminal } = await open();
    chat.promise(3);
    for (const [typed, shown] of [
      ['/promises', ' #3  pending'],
      ['/cancel', 'Which promise?'],
      ['/cancel 9', 'Not done: there is no promise #9.'],
      ['/cancel #3', 'Promise #3 was cancelled.'],
      ['/retry 3', 'Promise #3 will be tried again.'],
      ['/help', '/quit'],
    ] as const) {
      terminal.type(typed + KEYS.enter);
      await terminal.shows(shown.trim());
    }
    expect(chat.transcript).to.deep.equal([]);
    terminal.type(`/status${KEYS.enter}`);
    await terminal.shows(() => chat.transcript.length === 1);
    expect(chat.transcript[0]?.text).to.equal('/status');
    terminal.type(`/cancel schedule 2${KEYS.enter}`);
    await terminal.shows(() => chat.transcript.length === 2);
    expect(chat.transcript[1]?.text).to.equal('/cancel schedule 2');
  });

  it('says what was not sent and why, and sends it again when told to', async () => {
    const { chat, terminal } = await open();
    chat.refuse('it is too long');
    terminal.type(`first${KEYS.enter}`);
    await terminal.shows('Not sent: it is too long.');
    chat.refuse(new PortError('unavailable', 'the connection broke', { retryable: false }));
    terminal.type(`second${KEYS.enter}`);
    await terminal.shows('It may have arrived all the');
    chat.refuse(undefined);
    terminal.type(`/resend${KEYS.enter}`);
    await terminal.shows(() => chat.transcript.length === 1);
    expect(chat.transcript[0]?.text).to.equal('second');
  });

  it('tells when the connection is lost and when it is back, and asks again for the promises', async () => {
    const { chat, terminal } = await open();
    chat.emit({ type: 'connection', up: true });
    chat.emit({ type: 'connection', up: false, reason: 'nobody answers' });
    await terminal.shows('Connection lost: nobody answers. Trying again');
    chat.emit({ type: 'connection', up: false, reason: 'does it run?' });
    await terminal.shows('Connection lost: does it run? Trying again');
    chat.promise(4);
    chat.emit({ type: 'connection', up: true });
    await terminal.shows('Connected again.');
    await terminal.shows('◷ #4');
    expect(count(terminal.text(), 'Connected')).to.equal(1);
  });

  it('brings back what was typed before', async () => {
    const { chat, terminal } = await open();
    terminal.type(`older${KEYS.enter}`);
    await terminal.shows(() => chat.transcript.length === 1);
    terminal.type(KEYS.up);
    await terminal.shows((text) => text.endsWith('› older'));
  });

  it('ends with /quit, Ctrl-D, and Ctrl-C on an empty line', async () => {
    for (const keys of [`/quit${KEYS.enter}`, KEYS.ctrlD, KEYS.ctrlC, `half a line${KEYS.ctrlC}${KEYS.ctrlC}`]) {
      const { chat, terminal, done } = await open();
      terminal.type(keys);
      expect(await done).to.deep.equal({ complete: true });
      expect(chat.transcript).to.deep.equal([]);
      expect(chat.isWatched()).to.equal(false);
    }
  });

  it('clears a half-typed line on the first Ctrl-C, and ends on the second', async () => {
    const { terminal } = await open();
    terminal.type(`half${KEYS.ctrlC}`);
    await terminal.shows((text) => text.endsWith('\n›'));
    terminal.type('whole');
    await terminal.shows((text) => text.endsWith('› whole'));
  });

  it('can be left while the server has not answered yet', async () => {
    const { client, isWatched } = makeScriptedClient();
    const history = Promise.withResolvers<never[]>();
    const terminal = makeTerminal();
    const done = runTerminalChat({
      client: { ...client, latest: () => history.promise },
      input: terminal.input,
      output: terminal.output,
      color: false,
      signal: new AbortController().signal,
    });
    await terminal.shows('›');
    terminal.type(KEYS.ctrlD);
    await done;
    history.resolve([]);
    await new Promise(setImmediate);
    expect(isWatched()).to.equal(false);
  });

  it('continues without the history if it can’t be loaded', async () => {
    const { client, say, isWatched } = makeScriptedClient();
    const terminal = makeTerminal();
    const leaving = new AbortController();
    const latest = () => Promise.reject(new PortError('unavailable', 'nobody answers', { retryable: true }));
    const done = runTerminalChat({
      client: { ...client, latest },
      input: terminal.input,
      output: terminal.output,
      color: false,
      signal: leaving.signal,
    });
    await terminal.shows((text) => text.includes('can’t be shown: nobody answers') && isWatched());
    say('here I am');
    await terminal.shows('● here I am');
    leaving.abort();
    await done;
  });

  it('names the open promises when it ends', async () => {
    for (const key of [KEYS.ctrlC, KEYS.ctrlD]) {
      const { chat, terminal, done } = await open();
      chat.promise(5);
      await terminal.shows('◷');
      terminal.type(key);
      await done;
      await terminal.shows('Still promised: #5.');
      expect(terminal.text()).not.to.include('◷');
    }
  });
});

const never = (): never => {
  throw new Error('nothing was posted');
};
