import { expect } from 'chai';
import { type CompletedRequest, getLocal } from 'mockttp';
import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import type { LanguageModel, ModelRequest } from '../../../src/ports/language-model.ts';
import { makeRecordingLogger } from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';
import { aRequest, ask, sse } from '../../support/model-peer.ts';

export type Body = Record<string, unknown>;
export interface Refusal {
  readonly status?: number;
  readonly body: unknown;
}

export const READ_FILE = { name: 'read_file', description: 'Reads a file', inputSchema: { type: 'object', properties: {} } };
export const HI = [{ choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }] }, '[DONE]'];
export const openAi = (message: string, more: object = {}): Refusal => ({
  body: { error: { message, type: 'invalid_request_error', ...more } },
});

/** What one server refuses is put in another way, and remembered: none of it depends on its address. */
/** A server that can be told what to refuse, and a model that asks it. */
export const useServer = () => {
  const peer = getLocal();
  const logger = makeRecordingLogger();
  const bodies: Body[] = [];
  beforeEach(async () => {
    bodies.length = 0;
    await peer.start();
  });
  afterEach(() => peer.stop());

  /** A server that refuses what `refuse` tells, and else answers. */
  const serve = (refuse: (body: Body) => Refusal | undefined) =>
    peer.forAnyRequest().thenCallback(async (request: CompletedRequest) => {
      const body = (await request.body.getJson()) as Body;
      bodies.push(body);
      const refusal = refuse(body);
      if (!refusal) return { statusCode: 200, headers: { 'content-type': 'text/event-stream' }, body: sse(HI) };
      return { statusCode: refusal.status ?? 400, json: refusal.body as object };
    });
  const makeModel = (): LanguageModel =>
    makeOpenAiModel({ client: createOpenAiClient({ baseUrl: `${peer.url}/v1` }), model: 'small', events: logged(logger) });
  const answer = async (model: LanguageModel, change: Partial<ModelRequest> = {}) => {
    const { reply, error } = await ask(model, aRequest({ tools: [READ_FILE], ...change }));
    expect(error, error?.message).to.equal(undefined);
    expect(reply?.text).to.equal('Hi');
  };
  /** Asked until answered, then answered at once. */
  const learns = async (refuse: (body: Body) => Refusal | undefined, tries: number, change: Partial<ModelRequest> = {}) => {
    await serve(refuse);
    const model = makeModel();
    await answer(model, change);
    expect(bodies, 'tries').to.have.length(tries);
    await answer(model, change);
    expect(bodies, 'it is remembered').to.have.length(tries + 1);
    return bodies.at(-1) as Body;
  };
  return { peer, logger, bodies, serve, makeModel, answer, learns };
};
