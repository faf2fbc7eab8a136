import { expect } from 'chai';
import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import type { ConversationStep } from '../../../src/domain/conversation/conversation.ts';
import { type ChatRequest, openChatPeer } from '../../fakes/openai/peer.ts';
import { COMPATIBLE, DEEPSEEK, GEMINI, OPENAI, type ServerRules } from '../../fakes/openai/servers.ts';
import { aRequest, ask } from '../../support/model-peer.ts';
import { takeBrokenRules } from '../../support/strict-models.ts';

const TOOLS = [{ name: 'read_file', description: 'Reads a file', inputSchema: { type: 'object', properties: {} } }];
const ADA = { role: 'person', name: 'Ada', text: 'read' } as const;
const delta = (part: object, finish: string | null = null) => ({ choices: [{ index: 0, delta: part, finish_reason: finish }] });
const call = (n: number, more: object = {}) =>
  delta({ tool_calls: [{ index: n, id: `c${n}`, type: 'function', function: { name: 'read_file', arguments: '{}' }, ...more }] });
const signed = (signature: string) => ({ extra_content: { google: { thought_signature: signature } } });
const END = delta({}, 'tool_calls');
const ANSWER = [delta({ content: 'Done.' }, 'stop')];
/** The model's messages of the last request, without what else stands in them. */
const THOUGHTS = ['reasoning_content', 'reasoning', 'reasoning_details'] as const;
const thoughtsIn = (request: ChatRequest | undefined) =>
  (request?.messages ?? [])
    .filter(({ role }) => role === 'assistant')
    .map((message) => Object.fromEntries(Object.entries(message).filter(([name]) => THOUGHTS.includes(name as 'reasoning'))));
const signaturesIn = (request: ChatRequest | undefined) =>
  (request?.messages ?? []).flatMap(({ tool_calls: calls = [] }) =>
    calls.map(({ id: _, ...made }) => (made as { extra_content?: unknown }).extra_content),
  );

/**
 * Calls tools as often as there are replies that do, and gives the requests: each holds the one before, to the byte.
 */
const run = async (server: ServerRules, replies: readonly (readonly object[])[], before: readonly ConversationStep[] = []) => {
  const peer = await openChatPeer((_, n) => replies[n - 1] ?? ANSWER, server);
  try {
    const model = makeOpenAiModel({ client: createOpenAiClient({ baseUrl: peer.url }), model: 'small' });
    let conversation: readonly ConversationStep[] = [...before, ADA];
    for (;;) {
      const { reply, error } = await ask(model, aRequest({ tools: TOOLS, conversation }));
      expect(error, error?.message).to.equal(undefined);
      if (!reply || reply.toolCalls.length === 0) break;
      const { text, toolCalls, attached } = reply;
      const results = toolCalls.map(
        ({ id, tool }): ConversationStep => ({ role: 'tool', callId: id, tool, output: 'alpha', isError: false }),
      );
      conversation = [...conversation, { role: 'agent', text, toolCalls, ...(attached ? { attached } : {}) }, ...results];
    }
    const refused = [...takeBrokenRules().map((told) => told.split(':')[0]), ...peer.broken.map(({ rule }) => rule)];
    return { requests: peer.requests, refused: [...new Set(refused)] };
  } finally {
    await peer.close();
  }
};

/** What a model thinks beside its calls goes back to it within the run: some refuse the calls without. */
describe('thoughts of models behind Chat Completions, over the real SDK', () => {
  it('go back to DeepSeek and Kimi as they came, at every step', async () => {
    const think = (...parts: string[]) => parts.map((part) => delta({ reasoning_content: part, content: null }));
    const { requests, refused } = await run(DEEPSEEK, [
      [...think('I read', ' a.'), call(0), END],
      [...think('And b.'), delta({ content: 'Now b.' }), call(0), call(1), END],
    ]);
    expect(refused).to.deep.equal([]);
    expect(thoughtsIn(requests.at(-1))).to.deep.equal([{ reasoning_content: 'I read a.' }, { reasoning_content: 'And b.' }]);
    for (const [n, { messages }] of requests.entries())
      expect(
        JSON.stringify(requests[n + 1]?.messages ?? messages).startsWith(JSON.stringify(messages).slice(0, -1)),
        `request ${n}`,
      ).to.equal(true);
  });

  it('have something in their place where another model spoke, or the reply of an earlier turn has lost them', async () => {
    const history: readonly ConversationStep[] = [
      ADA,
      {
        role: 'agent',
        text: '',
        toolCalls: [{ id: 'x', tool: 'read_file', input: {} }],
        attached: { by: 'another', content: [{ type: 'thinking' }] },
      },
      { role: 'tool', callId: 'x', tool: 'read_file', output: 'alpha', isError: false },
      { role: 'agent', text: 'It is alpha.', toolCalls: [] },
    ];
    const { requests, refused } = await run(DEEPSEEK, [[delta({ reasoning_content: 'Again.' }), call(0), END]], history);
    expect(refused, 'learned once').to.deep.equal(['thought-returned']);
    expect(thoughtsIn(requests.at(-1))).to.deep.equal([
      { reasoning_content: ' ' },
      { reasoning_content: ' ' },
      { reasoning_content: 'Again.' },
    ]);
  });

  it('go back to Gemini with the calls that they signed', async () => {
    const { requests, refused } = await run(GEMINI, [
      [call(0, signed('S1')), call(1), END],
      [call(0, signed('S2')), END],
    ]);
    expect(refused).to.deep.equal([]);
    const google = (signature: string) => ({ google: { thought_signature: signature } });
    expect(signaturesIn(requests.at(-1))).to.deep.equal([google('S1'), undefined, google('S2')]);
  });

  it('need no signature of Gemini where another model called', async () => {
    const { requests, refused } = await run(GEMINI, [[call(0), END]]);
    expect(refused, 'learned once').to.deep.equal(['signature-returned']);
    expect(signaturesIn(requests.at(-1))).to.deep.equal([{ google: { thought_signature: 'skip_thought_signature_validator' } }]);
  });

  it('go back in the form in which OpenRouter signs them', async () => {
    const part = (more: object) => delta({ reasoning: 'twice', reasoning_details: [{ type: 'reasoning.text', index: 0, ...more }] });
    const { requests } = await run({ ...COMPATIBLE, limit: 'either' }, [
      [
        part({ text: 'I ' }),
        part({ text: 'read.' }),
        part({ signature: 'S', text: null }),
        delta({ reasoning_details: [{ type: 'reasoning.encrypted', index: 1, data: 'D' }] }),
        call(0),
        END,
      ],
    ]);
    expect(thoughtsIn(requests.at(-1))).to.deep.equal([
      {
        reasoning_details: [
          { type: 'reasoning.text', index: 0, text: 'I read.', signature: 'S' },
          { type: 'reasoning.encrypted', index: 1, data: 'D' },
        ],
      },
    ]);
  });

  for (const field of ['reasoning_content', 'reasoning'])
    it(`do not go back to who refuses ${field}, which it sends`, async () => {
      const think = delta({ [field]: 'hm' });
      const { requests, refused } = await run({ ...OPENAI, limit: 'either' }, [
        [think, call(0), END],
        [think, call(0), END],
      ]);
      expect(refused, 'learned once').to.deep.equal(['message-fields']);
      expect(thoughtsIn(requests.at(-1))).to.deep.equal([{}, {}]);
    });
});
