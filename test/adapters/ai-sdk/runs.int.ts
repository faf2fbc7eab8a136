import { expect } from 'chai';
import { makeRunAgent } from '../../../src/application/index.ts';
import type { Agent } from '../../../src/domain/index.ts';
import { silentEvents, type Tool } from '../../../src/ports/index.ts';
import { makeFixedClock, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { openMessagesPeer } from '../../fakes/anthropic/peer.ts';
import type { Block } from '../../fakes/anthropic/shape.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { makeModel } from './harness.ts';

const look: Tool = {
  name: 'look',
  description: 'Looks.',
  inputSchema: { type: 'object' },
  effect: 'reads',
  activity: 'looking',
  timeoutMs: 30_000,
  run: async () => ({ output: 'seen', isError: false }),
};
const agent: Agent = {
  name: 'tester',
  description: '',
  instructions: 'Be brief.',
  tools: ['look'],
  limits: { maxSteps: 3, maxOutputTokens: 64_000, effort: 'high' },
};
const thinking = (n: number): Block => ({ type: 'thinking', thinking: 'Hm', signature: `S${n}` });
const use = (id: string): Block => ({ type: 'tool_use', id, name: 'look', input: { path: 'a' } });

describe('Runs of an agent over @ai-sdk/anthropic', () => {
  it('return thoughts as they came, with nothing changed before them, to the last step', async () => {
    await using peer = await openMessagesPeer([
      {
        content: [thinking(1), { type: 'redacted_thinking', data: 'D' }, { type: 'text', text: 'I look.' }, use('toolu_1'), use('toolu_2')],
      },
      { content: [thinking(3), use('toolu_3')] },
      { content: [thinking(4), { type: 'text', text: 'Done.' }] },
    ]);
    const runAgent = makeRunAgent({
      ...modelAndTools(makeModel(peer.url), [look]),
      events: silentEvents,
      clock: makeFixedClock(),
      redact: (text) => text,
    });
    const { text } = await runAgent(agent, {
      conversation: [{ role: 'person', name: 'Ada', text: 'hello' }],
      situation: 'It is a chat.',
      context: {
        chatId: telegramChat(501),
        chatKind: 'direct',
        requestedBy: { id: telegramUser(501) },
        scope: { directory: '/srv' },
        signal: new AbortController().signal,
      },
    });
    expect(peer.broken).to.deep.equal([]);
    expect(text).to.equal('Done.');
    const last = peer.requests.at(-1);
    expect(JSON.stringify(last)).to.include('"signature":"S1"').and.include('"signature":"S3"').and.include('"data":"D"');
    expect(last).to.deep.include({ output_config: { effort: 'high' }, tool_choice: { type: 'none' } });
    expect(JSON.stringify(last?.system)).to.include('cache_control');
  });
});
