import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect } from 'chai';
import { createAnthropicClient, makeAnthropicModel } from '../../../src/adapters/anthropic/index.ts';
import { makeRecordingLogger } from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';
import { aRequest, ask, sse } from '../../support/model-peer.ts';

interface Message {
  readonly role: string;
  readonly content: readonly { readonly type: string; readonly thinking?: string }[];
}
type Body = Readonly<Record<string, unknown>> & { readonly max_tokens: number; readonly messages: readonly Message[] };

const START = { type: 'message_start', message: { model: 'claude', usage: { input_tokens: 1, output_tokens: 1 } } };
const END = [{ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }, { type: 'message_stop' }];
const HI: readonly object[] = [START, { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Hi' } }, ...END];

/** A gateway that refuses what `refuse` tells, in its words, and else answers. */
const openGateway = async (refuse: (body: Body) => object | string | undefined, answer = HI) => {
  const bodies: Body[] = [];
  const server = createServer(async (request, response) => {
    const body = (await json(request)) as Body;
    bodies.push(body);
    const refusal = refuse(body);
    if (refusal === undefined) return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse(answer, true));
    const error = { type: 'error', error: { type: 'invalid_request_error', message: refusal } };
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(typeof refusal === 'string' ? error : refusal));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies: bodies as readonly Body[],
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Clouds and gateways take less than the maker's own API: what they refuse is left out, and that is remembered. */
describe('Claude behind a gateway, over the real SDK', () => {
  const model = (baseUrl: string, name: string) =>
    makeAnthropicModel({ client: createAnthropicClient({ apiKey: 'test', baseUrl }), model: name, events: logged(makeRecordingLogger()) });

  for (const [what, name, refuse, tries, lacks] of [
    [
      'Vertex',
      'claude-opus-4-5',
      ({ output_config: o }: Body) => o && 'output_config: Extra inputs are not permitted',
      2,
      ['output_config'],
    ],
    [
      'Bedrock',
      'claude-opus-4-6',
      ({ output_config: o }: Body) => o && 'output_config.effort: Extra inputs are not permitted',
      2,
      ['output_config'],
    ],
    [
      'LiteLLM before Bedrock',
      'claude-opus-4-6',
      ({ output_config: o }: Body) =>
        o && {
          error: {
            message: 'litellm.BadRequestError: BedrockException - {"message":"output_config: Extra inputs are not permitted"}',
            code: '400',
          },
        },
      2,
      ['output_config'],
    ],
    [
      'a cloud without adaptive thinking',
      'claude-opus-4-6',
      ({ thinking, output_config: o }: Body) =>
        thinking ? 'adaptive thinking is not supported on this model' : o && 'This model does not support the effort parameter.',
      3,
      ['thinking', 'output_config'],
    ],
  ] as const)
    it(`${what}: is asked without what it refuses`, async () => {
      await using gateway = await openGateway((body) => refuse(body) || undefined);
      const claude = model(gateway.url, name);
      for (const calls of [tries, tries + 1]) {
        const { reply, error } = await ask(claude, aRequest({ effort: 'high' }));
        expect(error, error?.message).to.equal(undefined);
        expect(reply?.text).to.equal('Hi');
        expect(gateway.bodies).to.have.length(calls);
      }
      for (const part of lacks) expect(gateway.bodies.at(-1)).not.to.have.property(part);
    });

  for (const words of [
    'The `content[].thinking` in the thinking mode must be passed back to the API.',
    'thinking is enabled but reasoning_content is missing in assistant tool call message at index 1',
    'Missing thinking block in the assistant message at message index 1.',
  ])
    it(`has a thought in place of each that was not kept, where they are wanted: ${words}`, async () => {
      const isThoughtless = ({ role, content }: Message) => role === 'assistant' && content[0]?.type !== 'thinking';
      await using gateway = await openGateway(({ messages }) => (messages.some(isThoughtless) ? words : undefined));
      const claude = model(gateway.url, 'deepseek-v4-pro');
      const toolCalls = [{ id: 'a', tool: 'look', input: {} }];
      const kept = {
        by: claude.name,
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'S' },
          { type: 'tool_use', id: 'a', name: 'look', input: {} },
        ],
      };
      const result = { role: 'tool', callId: 'a', tool: 'look', output: 'alpha', isError: false } as const;
      const hello = { role: 'person', name: 'Ada', text: 'hello' } as const;
      const conversation = [
        ...[hello, { role: 'agent', text: '', toolCalls }, result, { role: 'agent', text: 'It is alpha.', toolCalls: [] }],
        ...[hello, { role: 'agent', text: '', toolCalls, attached: kept }, result],
      ] as const;
      for (const calls of [2, 3]) {
        expect((await ask(claude, aRequest({ conversation }))).reply?.text).to.equal('Hi');
        expect(gateway.bodies).to.have.length(calls);
      }
      const thoughts = gateway.bodies.at(-1)?.messages.flatMap(({ content }) => content.flatMap(({ thinking }) => thinking ?? []));
      expect(thoughts).to.deep.equal([' ', ' ', 'hm']);
    });

  it('shows nothing of what another model thinks in its text', async () => {
    const texts = ['<thi', 'nk>secret', '</think>\n\n', 'Hi'].map((text) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text },
    }));
    await using gateway = await openGateway(
      () => undefined,
      [START, { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }, ...texts, ...END],
    );
    const { reply, events } = await ask(model(gateway.url, 'minimax-m3'));
    expect(reply?.text).to.equal('Hi');
    expect(events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('')).to.equal('Hi');
  });

  it('is asked for no longer a reply than it gives', async () => {
    const words = (asked: number) => `max_tokens: ${asked} > 8192, which is the maximum allowed number of output tokens for claude-x`;
    await using gateway = await openGateway(({ max_tokens: asked }) => (asked > 8_192 ? words(asked) : undefined));
    const claude = model(gateway.url, 'anthropic.claude-sonnet-4-6-v1');
    for (const calls of [2, 3]) {
      expect((await ask(claude, aRequest({ maxOutputTokens: 32_000 }))).reply?.text).to.equal('Hi');
      expect(gateway.bodies).to.have.length(calls);
    }
  });

  for (const words of [
    'messages.1.content.0: Invalid `signature` in `thinking` block',
    'messages.0: thinking or redacted_thinking blocks in the latest assistant message cannot be modified',
    'messages: roles must alternate',
  ])
    it(`is not asked in another way where that is not what is refused: ${words}`, async () => {
      await using gateway = await openGateway(() => words);
      expect((await ask(model(gateway.url, 'claude-opus-4-6'), aRequest({ effort: 'high' }))).error).to.include({
        code: 'invalid-request',
      });
      expect(gateway.bodies).to.have.length(1);
    });
});
