import { expect } from 'chai';
import { createAnthropicClient, makeAnthropicModel } from '../../../src/adapters/anthropic/index.ts';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import type { ConversationStep } from '../../../src/domain/index.ts';
import { buildMessage, buildTool, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, settle } from '../../application/support/harness.ts';
import { openMessagesPeer, type PeerReply } from '../../fakes/anthropic/peer.ts';
import { makePromptCache } from '../../fakes/anthropic/prompt-cache.ts';
import type { MessagesRequest } from '../../fakes/anthropic/shape.ts';
import { aPdf, aPicture } from '../../support/media.ts';
import { aRequest, ask } from '../../support/model-peer.ts';

const ANSWER = 'The notes say that it was put off until the numbers are there. '.repeat(5);
const saying: PeerReply = { content: [{ type: 'text', text: ANSWER }] };
const calling = (id: string): PeerReply => ({ content: [{ type: 'tool_use', id, name: 'look', input: {} }] });

const open = (baseUrl: string) =>
  makeAnthropicModel({ client: createAnthropicClient({ apiKey: 'test', baseUrl }), model: 'claude-sonnet-5-5' });

/** How many cache points each message has. */
const pointsIn = ({ messages }: MessagesRequest): readonly number[] =>
  messages.map(({ content }) => (typeof content === 'string' ? 0 : content.filter((block) => 'cache_control' in block).length));

describe('What Claude is sent once, it reads from its cache', () => {
  it('turn after turn: no more is new than what was said since', async () => {
    const turns = 24;
    await using peer = await openMessagesPeer(Array.from({ length: turns }, () => saying));
    const process = makeProcess(makeWorld(), {
      model: open(peer.url),
      agent: CHAT_AGENT,
      turn: { maxHistory: 100, maxHistoryTokens: 60_000 },
    });
    for (let n = 1; n <= turns; n++) {
      await process.receive(buildMessage({ messageId: telegramMessage(n), text: `What do the notes say? (${n})` }));
      await process.answerChat(telegramChat(501), new AbortController().signal);
      await settle();
    }
    expect(peer.broken).to.deep.equal([]);
    expect(peer.requests).to.have.length(turns);
    const cache = makePromptCache();
    const uses = peer.requests.map((request) => cache.ask(request));
    const exchange = ANSWER.length + 1_000;
    for (const { fresh } of uses.slice(1)) expect(fresh).to.be.below(exchange);
    expect(uses.at(-1)?.read).to.be.above(turns * ANSWER.length * 0.9);
    for (const request of peer.requests.slice(1))
      expect(
        pointsIn(request).filter((count) => count > 0),
        'the newest two of the person',
      ).to.deep.equal([1, 1]);
  });

  it('step after step of a run, with all that was sent beside it', async () => {
    await using peer = await openMessagesPeer([calling('toolu_1'), calling('toolu_2'), saying]);
    const model = open(peer.url);
    const look = buildTool({ name: 'look' });
    const media = [aPicture(), aPdf()];
    let conversation: readonly ConversationStep[] = [
      { role: 'person', name: 'Ada', text: 'Look at these.', media },
      { role: 'person', name: 'Kept', text: '(Note: it is Sunday, 2026-11-22 12:00.)', note: true },
    ];
    for (let step = 1; step <= 3; step++) {
      const { reply } = await ask(model, aRequest({ conversation, tools: [look] }));
      const calls = reply?.toolCalls ?? [];
      const results = calls.map(({ id, tool }) => ({ role: 'tool', callId: id, tool, output: ANSWER, isError: false }) as const);
      conversation = [...conversation, { role: 'agent', text: reply?.text ?? '', toolCalls: calls }, ...results];
    }
    expect(peer.broken).to.deep.equal([]);
    const cache = makePromptCache();
    const [first, second, third] = peer.requests.map((request) => cache.ask(request));
    expect(first?.read).to.equal(0);
    const sent = aPicture().base64.length + aPdf().base64.length;
    expect(first?.fresh).to.be.above(sent);
    expect(second?.read, 'the files, and what was asked').to.be.above(sent);
    expect(second?.fresh).to.be.below(ANSWER.length + 500);
    expect(third?.fresh).to.be.below(ANSWER.length + 500);
    const [opening] = peer.requests[0]?.messages ?? [];
    expect(typeof opening?.content === 'object' && opening.content.map((block) => 'cache_control' in block)).to.deep.equal([
      ...[false, false, false],
      // What Ada says, behind what she sent and before the note.
      ...[true, false],
    ]);
  });
});
