import { expect } from 'chai';
import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import { openChatPeer } from '../../fakes/openai/peer.ts';
import { LITELLM, MISTRAL, OPENAI, TEMPLATE } from '../../fakes/openai/servers.ts';
import { aRequest, ask } from '../../support/model-peer.ts';
import { takeBrokenRules } from '../../support/strict-models.ts';

const TOOLS = [{ name: 'read_file', description: 'Reads a file', inputSchema: { type: 'object', properties: {} } }];
/** Led by several models, one of whom made a name up; somebody spoke before the tool's result was answered. */
const HISTORY = [
  { role: 'agent', text: 'Hello.', toolCalls: [] },
  { role: 'person', name: 'Ada', text: 'read' },
  { role: 'agent', text: '', toolCalls: [{ id: 'toolu_01A', tool: 'functions.read_file', input: 'no json' }] },
  { role: 'tool', callId: 'toolu_01A', tool: 'functions.read_file', output: '', isError: false },
  { role: 'person', name: 'Ada', text: 'and?' },
] as const;

/** Each server refuses what it documents; each is asked as it wants after a few refusals, and for good. */
describe('strict servers of Chat Completions, over the real SDK', () => {
  for (const [model, server, limitNames, refused] of [
    ['gpt-5.5', OPENAI, ['max_completion_tokens', 'max_tokens'], []],
    ['gpt-5.5', OPENAI, ['max_tokens', 'max_completion_tokens'], ['limit-name']],
    ['gpt-5.6-terra', OPENAI, ['max_completion_tokens', 'max_tokens'], ['tools-without-effort']],
    ['gpt-6', OPENAI, ['max_tokens', 'max_completion_tokens'], ['limit-name', 'tools-without-effort']],
    ['gpt-4.1', OPENAI, ['max_completion_tokens', 'max_tokens'], ['effort-known']],
    ['mistral-large-latest', MISTRAL, ['max_tokens', 'max_completion_tokens'], ['parameter-known']],
    ['claude-sonnet-5-5', LITELLM, ['max_tokens', 'max_completion_tokens'], []],
    ['gemma', TEMPLATE, ['max_tokens', 'max_completion_tokens'], []],
  ] as const)
    it(`${model} at ${server.name}, asked by ${limitNames[0]} first`, async () => {
      const peer = await openChatPeer(() => [{ choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }] }], server);
      try {
        const small = makeOpenAiModel({ client: createOpenAiClient({ baseUrl: peer.url }), model, limitNames });
        const request = aRequest({ tools: TOOLS, conversation: HISTORY, effort: 'medium' });
        expect((await ask(small, request)).reply?.text).to.equal('Hi');
        const rules = [...takeBrokenRules().map((told) => told.split(':')[0]), ...peer.broken.map(({ rule }) => rule)];
        expect([...new Set(rules)].sort()).to.deep.equal([...refused].sort());
        for (const change of [{}, { toolChoice: 'none' }, { tools: [] }] as const)
          expect((await ask(small, { ...request, ...change })).reply?.text).to.equal('Hi');
        expect(takeBrokenRules(), 'it has learned').to.deep.equal([]);
        expect(peer.requests).to.have.length(4);
      } finally {
        await peer.close();
      }
    });
});
