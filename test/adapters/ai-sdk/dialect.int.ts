import { expect } from 'chai';
import { streamReply } from '../../fakes/anthropic/peer.ts';
import { listenHttp } from '../../support/loopback.ts';
import { aRequest, ask } from '../../support/model-peer.ts';
import { makeModel } from './harness.ts';

interface Sent {
  readonly max_tokens: number;
  readonly output_config?: { readonly effort?: string };
}

/** A server that refuses some requests in words, and answers the others. */
const openServer = async (refusal: (sent: Sent) => string | undefined) => {
  const asked: Sent[] = [];
  const { url, close } = await listenHttp(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const sent: Sent = JSON.parse(body);
    asked.push(sent);
    const message = refusal(sent);
    if (message === undefined) return await streamReply(response, { content: [{ type: 'text', text: 'Hi.' }] }, 'claude-sonnet-5-5');
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message } }));
  });
  return { url, asked, [Symbol.asyncDispose]: close };
};

describe('The way in which a package of the AI SDK wants to be asked', () => {
  it('is an answer that is no longer than the model gives, as its words tell, and stays so', async () => {
    await using server = await openServer(({ max_tokens: asked }) =>
      asked > 8_192 ? `max_tokens: ${asked} > 8192, the maximum` : undefined,
    );
    const model = makeModel(server.url);
    for (const _ of [1, 2]) expect((await ask(model, aRequest({ maxOutputTokens: 64_000 }))).reply?.text).to.equal('Hi.');
    expect(server.asked.map(({ max_tokens }) => max_tokens)).to.deep.equal([64_000, 8_192, 8_192]);
  });

  it('is half of the answer, again and again, where no number is told', async () => {
    await using server = await openServer(({ max_tokens: asked }) =>
      asked > 20_000 ? 'maximum tokens you requested are too many' : undefined,
    );
    expect((await ask(makeModel(server.url), aRequest({ maxOutputTokens: 64_000 }))).reply?.text).to.equal('Hi.');
    expect(server.asked.map(({ max_tokens }) => max_tokens)).to.deep.equal([64_000, 32_000, 16_000]);
  });

  it('is without an effort, where the model has none', async () => {
    await using server = await openServer(({ output_config: output }) =>
      output?.effort ? 'this model does not support the effort parameter' : undefined,
    );
    expect((await ask(makeModel(server.url), aRequest({ effort: 'high' }))).reply?.text).to.equal('Hi.');
    expect(server.asked.map(({ output_config: output }) => output?.effort)).to.deep.equal(['high', undefined]);
  });

  it('is not looked for where the refusal is about something else, or has no end', async () => {
    await using other = await openServer(() => 'messages: roles must alternate');
    expect((await ask(makeModel(other.url), aRequest({ effort: 'high' }))).error).to.include({ code: 'invalid-request' });
    expect(other.asked).to.have.length(1);
    await using endless = await openServer(() => 'max_tokens is wrong');
    expect((await ask(makeModel(endless.url), aRequest({ maxOutputTokens: 1_000_000 }))).error).to.include({ code: 'invalid-request' });
    expect(endless.asked.length).to.equal(6);
  });
});
