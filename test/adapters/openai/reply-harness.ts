import { expect } from 'chai';
import { getLocal } from 'mockttp';
import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import type { ModelReply } from '../../../src/ports/language-model.ts';
import { makeRecordingLogger } from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';
import { aRequest, ask, replySse, sse } from '../../support/model-peer.ts';

export const READ_FILE = {
  name: 'read_file',
  description: 'Reads a file',
  inputSchema: { type: 'object', properties: { path: { type: 'string' } } },
};
export const delta = (part: unknown, finish: unknown = null, more: object = {}) => ({
  choices: [{ index: 0, delta: part, finish_reason: finish, ...more }],
});
export const call = (part: object) => delta({ tool_calls: [part] });
export const aCall = (args: unknown, more: object = {}) => ({
  index: 0,
  id: 'c',
  type: 'function',
  function: { name: 'read_file', arguments: args },
  ...more,
});
export const HI = delta({ content: 'Hi' });

/** An OpenAI-compatible server may send many things; each is read by what it is. */
/** A server that sends what it is told, and what a model makes of it. */
export const useReplies = () => {
  const peer = getLocal();
  const logger = makeRecordingLogger();
  beforeEach(() => peer.start());
  afterEach(() => peer.stop());
  const asked = async () => {
    const model = makeOpenAiModel({ client: createOpenAiClient({ baseUrl: `${peer.url}/v1` }), model: 'small', events: logged(logger) });
    const endpoints = await peer.getMockedEndpoints();
    const told = await ask(model, aRequest({ tools: [READ_FILE] }));
    const requests = await Promise.all(endpoints.map((endpoint) => endpoint.getSeenRequests()));
    expect(requests.flat(), 'asked once').to.have.length(1);
    return told;
  };
  const answer = async (...chunks: (object | string)[]) => {
    await replySse(peer, sse(chunks));
    return asked();
  };
  const reply = async (...chunks: (object | string)[]): Promise<ModelReply> => {
    const told = await answer(...chunks);
    expect(told.error).to.equal(undefined);
    return told.reply as ModelReply;
  };
  return { peer, logger, asked, answer, reply };
};
