import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { runTerminalChat } from '../../../src/adapters/terminal/index.ts';
import { approvalId } from '../../../src/domain/index.ts';
import { makeScriptedClient } from './client.ts';

describe('The conversation through pipes', () => {
  const open = ({ idleExitMs = 60_000, before = (_chat: ReturnType<typeof makeScriptedClient>): void => undefined } = {}) => {
    const chat = makeScriptedClient();
    before(chat);
    const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const leaving = new AbortController();
    const done = runTerminalChat({
      client: chat.client,
      input,
      output,
      errors,
      color: true,
      signal: leaving.signal,
      header: 'H',
      idleExitMs,
    });
    const finish = async () => {
      const outcome = await done;
      output.end();
      errors.end();
      return { outcome, printed: await text(output), troubles: await text(errors) };
    };
    return { chat, input, output, leaving, done, finish };
  };
  const echo = (chat: ReturnType<typeof makeScriptedClient>): void =>
    chat.onPost((id, said) => chat.say(`You said ${JSON.stringify(said)}.`, { answers: [id] }));

  it('sends each line, prints each answer once as plain text, and ends', async () => {
    const { chat, input, finish } = open({ before: (before) => before.say('an old message') });
    echo(chat);
    input.end('hello\n\nand \\\nmore\nlast, without an end');
    expect(await finish()).to.deep.equal({
      outcome: { complete: true },
      printed: 'You said "hello".\nYou said "and \\nmore".\nYou said "last, without an end".\n',
      troubles: '',
    });
  });

  it('does not send what is no text', async () => {
    const { chat, input, finish } = open();
    input.end(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0a, 0x00, 0xff, 0x0a]));
    const { outcome, troubles } = await finish();
    expect(outcome.complete).to.equal(false);
    expect(troubles).to.equal('Not sent: a line that is no text in UTF-8.\n'.repeat(2));
    expect(chat.transcript).to.deep.equal([]);
  });

  it('waits for the answer, and for the result of what was promised by it', async () => {
    const { chat, input, output, finish } = open();
    const asked = new Promise<Parameters<Parameters<typeof chat.onPost>[0]>[0]>((resolve) => chat.onPost(resolve));
    input.end('compare\n');
    const id = await asked;
    const promise = chat.promise(3, { messageId: id });
    chat.promise(4, { description: 'of somebody else, and never settled' });
    chat.say('I promise: #3.', { answers: [id] });
    await once(output, 'readable');
    const looks = chat.looks();
    chat.put({ ...promise, status: 'completed', completedAt: Date.now() });
    while (chat.looks() === looks) await new Promise(setImmediate);
    await new Promise(setImmediate);
    chat.say('Promise #3 is kept.', { replyTo: id });
    chat.put({ ...promise, status: 'completed', completedAt: Date.now(), deliveredAt: Date.now() });
    const { outcome, printed } = await finish();
    expect(printed).to.equal('I promise: #3.\nPromise #3 is kept.\n');
    expect(outcome).to.deep.equal({ complete: true });
  });

  it('gives up when nothing happens for long, and says what is missing', async () => {
    const unanswered = open({ idleExitMs: 30 });
    unanswered.input.end('hello\n');
    const first = await unanswered.finish();
    expect(first.outcome).to.deep.equal({ complete: false });
    expect(first.troubles).to.include('1 messages are not answered');

    const unkept = open({ idleExitMs: 30 });
    unkept.chat.onPost((id) => {
      unkept.chat.promise(3, { messageId: id });
      unkept.chat.say('I promise: #3.', { answers: [id] });
    });
    unkept.input.end('compare\n');
    const second = await unkept.finish();
    expect(second.outcome).to.deep.equal({ complete: false });
    expect(second.troubles).to.include('promises are open: #3');

    const unapproved = open({ idleExitMs: 30 });
    unapproved.chat.onPost((id) => {
      const promise = unapproved.chat.promise(3, { messageId: id });
      unapproved.chat.put({ ...promise, status: 'waiting', approvalId: approvalId(4) });
      unapproved.chat.say('I promise: #3.', { answers: [id] });
    });
    unapproved.input.end('pay\n');
    expect((await unapproved.finish()).troubles).to.include('promises are open: #3 (waits for approval #4)');
  });

  it('is not complete when one of several messages got no answer, or a promise no result', async () => {
    const some = open();
    some.chat.onPost((id, said) => {
      if (said === 'second') some.chat.failAnswer(id, 'the model is away');
      some.chat.say(said === 'second' ? 'I could not answer this.' : 'Yes.', { answers: [id] });
    });
    some.input.end('first\nsecond\nthird\n');
    const first = await some.finish();
    expect(first.printed).to.equal('Yes.\nI could not answer this.\nYes.\n');
    expect(first.troubles).to.match(/^Message #\d+ has no answer: the model is away\n$/);
    expect(first.outcome).to.deep.equal({ complete: false });

    for (const status of ['failed', 'cancelled'] as const) {
      const unkept = open();
      unkept.chat.onPost((id) => {
        unkept.chat.promise(3, { messageId: id, status, completedAt: Date.now(), deliveredAt: Date.now() });
        unkept.chat.promise(4, { status: 'failed' });
        unkept.chat.say('As #3.', { answers: [id] });
      });
      unkept.input.end('compare\n');
      const { outcome, troubles } = await unkept.finish();
      expect([outcome.complete, troubles]).to.deep.equal([
        false,
        `Promise #3 ${status === 'failed' ? 'could not be kept' : 'was cancelled'}.\n`,
      ]);
    }
  });

  it('tells refusals apart from answers, and goes on', async () => {
    const { chat, input, finish } = open();
    chat.refuse('it is too long');
    input.end('hello\n');
    expect(await finish()).to.deep.equal({ outcome: { complete: false }, printed: '', troubles: 'Not sent: it is too long\n' });
  });

  it('lets no control character through, and obeys commands', async () => {
    const { chat, input, finish } = open();
    chat.onPost((id) => chat.say('a\x1b]0;pwned\x07b\x1b[2J', { answers: [id] }));
    chat.promise(3);
    input.end('hello\n/promises\n/cancel 3\n/quit\nnever sent\n');
    const { printed } = await finish();
    expect(printed).to.match(/^ab\nID {2}STATUS.*\n#3 {2}pending.*\nPromise #3 was cancelled\.\n$/);
    expect(chat.transcript.map(({ text }) => text)).not.to.include('never sent');
  });

  it('ends when told to, and when its reader has left', async () => {
    const told = open();
    told.input.write('hello\n');
    told.leaving.abort();
    expect((await told.finish()).outcome).to.deep.equal({ complete: false });

    const left = open();
    left.input.end('hello\n');
    left.output.destroy(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
    expect(await left.done).to.deep.equal({ complete: false });
  });
});
