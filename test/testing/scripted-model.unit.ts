import { expect } from 'chai';
import { NO_USAGE } from '../../src/domain/index.ts';
import { isPortError, type ModelEvent, type ModelRequest, PortError } from '../../src/ports/index.ts';
import { makeScriptedModel, type ScriptedStep } from '../../src/testing/index.ts';

const request: ModelRequest = { instructions: 'Be brief.', conversation: [], tools: [], maxOutputTokens: 100 };

const ask = async (step: ScriptedStep | ((request: ModelRequest) => ScriptedStep)) => {
  const events: ModelEvent[] = [];
  const controller = new AbortController();
  const model = makeScriptedModel([step]);
  const outcome = model.respond(request, { signal: controller.signal, onEvent: (event) => events.push(event) }).then(
    (reply) => ({ reply, error: undefined }),
    (error: unknown) => ({ reply: undefined, error }),
  );
  await model.untilAsked(1);
  return { model, events, controller, outcome };
};

describe('the scripted model', () => {
  it('replies with what the script says, streaming the text, and keeps the request', async () => {
    const { model, events, outcome } = await ask({ deltas: ['Platform', ' 4'] });
    expect((await outcome).reply).to.deep.equal({ text: 'Platform 4', toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'scripted-1' });
    expect(events).to.deep.equal(['Platform', ' 4'].map((text) => ({ type: 'text', text })));
    expect(model.requests).to.deep.equal([request]);
    expect(model.remaining).to.equal(0);
  });

  it('stops for tool calls when there are some, else as told', async () => {
    const call = { id: 'c1', tool: 'read_file', input: {} };
    expect((await (await ask({ toolCalls: [call] })).outcome).reply).to.deep.include({ stop: 'tool_calls', toolCalls: [call], text: '' });
    expect((await (await ask({ text: 'cut', stop: 'length' })).outcome).reply).to.deep.include({ stop: 'length', text: 'cut' });
    expect((await (await ask(({ instructions }) => ({ text: instructions }))).outcome).reply).to.deep.include({ text: 'Be brief.' });
  });

  it('rejects with the error of the script, after what it streamed', async () => {
    const error = new PortError('rate-limited', 'slow down', { retryable: true });
    const { events, outcome } = await ask({ error, deltas: ['Plat'] });
    expect((await outcome).error).to.equal(error);
    expect(events).to.deep.equal([{ type: 'text', text: 'Plat' }]);
  });

  it('hangs until it is aborted', async () => {
    const { controller, outcome } = await ask({ hang: true });
    controller.abort();
    const { error } = await outcome;
    expect(isPortError(error) && error.code).to.equal('aborted');
  });

  it('says so when the script is at its end', async () => {
    const { model } = await ask({ text: 'only this' });
    const again = model.respond(request, { signal: new AbortController().signal, onEvent: () => undefined });
    const error = await again.catch((reason: unknown) => reason);
    expect(error).to.have.property('message', 'the script has no step for request 2');
  });
});
