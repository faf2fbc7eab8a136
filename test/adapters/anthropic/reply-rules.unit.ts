import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { expect } from 'chai';
import type { ToolUse } from '../../../src/adapters/anthropic/blocks.ts';
import { endOfReply, firstProgress, isComplete, isCut, nextProgress } from '../../../src/adapters/anthropic/reply-rules.ts';

/** Events as servers send them, which leave out what the types promise. */
const progressAfter = (...events: readonly object[]) =>
  events.reduce(
    (progress: ReturnType<typeof firstProgress>, event) => nextProgress(progress, event as RawMessageStreamEvent),
    firstProgress('m'),
  );
const stopped = (reason: string | null) => progressAfter({ type: 'message_delta', delta: { stop_reason: reason } });

describe("The progress of Claude's reply", () => {
  it('keeps the model that answered, or the one that was asked', () => {
    expect(progressAfter({ type: 'message_start', message: { model: 'other' } }).model).to.equal('other');
    expect(progressAfter({ type: 'message_start' }).model).to.equal('m');
  });

  it('counts no token back', () => {
    const { usage } = progressAfter(
      { type: 'message_start', message: { usage: { input_tokens: 5, output_tokens: 1, cache_read_input_tokens: 3 } } },
      { type: 'message_delta', usage: { input_tokens: 0, output_tokens: 9, cache_creation_input_tokens: null } },
      { type: 'message_delta', usage: { output_tokens: 0 } },
    );
    expect(usage).to.deep.equal({ inputTokens: 5, outputTokens: 9, cacheReadTokens: 3, cacheWriteTokens: 0 });
  });

  it('keeps the reason and the refusal that a later event does not repeat', () => {
    const refused = { stop_reason: 'refusal', stop_details: { category: 'cyber_abuse', explanation: 'not that' } };
    const progress = progressAfter({ type: 'message_delta', delta: refused }, { type: 'message_delta', delta: { stop_reason: null } });
    expect(progress.stopReason).to.equal('refusal');
    expect(progress.refusal).to.equal('cyber abuse: not that');
  });

  it('passes over events of other types', () => {
    expect(progressAfter({ type: 'ping' }, { type: 'content_block_stop' })).to.deep.equal(firstProgress('m'));
  });

  it('is complete with a reason or at the end of the message, and cut at a limit or a pause', () => {
    expect([progressAfter(), stopped(null), stopped('end_turn'), progressAfter({ type: 'message_stop' })].map(isComplete)).to.deep.equal([
      false,
      false,
      true,
      true,
    ]);
    expect(['end_turn', 'max_tokens', 'pause_turn'].map((reason) => isCut(stopped(reason)))).to.deep.equal([false, true, true]);
    expect(isCut(progressAfter({ type: 'message_stop' }))).to.equal(false);
  });
});

describe("The end of Claude's reply", () => {
  const whole: ToolUse = { id: '1', name: 'look', input: {} };
  const torn: ToolUse = { id: '2', name: 'look', input: '{"a":' };
  const call = { id: '1', tool: 'look', input: {} };
  const tornCall = { id: '2', tool: 'look', input: '{"a":' };
  const over = progressAfter({ type: 'message_stop' });
  const cases = [
    ['is an end', stopped('end_turn'), 'hello', [], { stop: 'end', calls: [] }],
    ['may be silent', stopped('end_turn'), ' ', [], { stop: 'end', calls: [] }],
    ['is an end for a new reason', stopped('new_reason'), 'hello', [], { stop: 'end', calls: [] }],
    ['is an end without a reason', over, 'hello', [], { stop: 'end', calls: [] }],
    ['is an end when it announces calls and makes none', stopped('tool_use'), 'hello', [], { stop: 'end', calls: [] }],
    ['makes all calls that it announces', stopped('tool_use'), '', [whole, torn], { stop: 'tool_calls', calls: [call, tornCall] }],
    ['makes whole calls that it does not announce', stopped('end_turn'), '', [whole, torn], { stop: 'tool_calls', calls: [call] }],
    ['makes no call when it was cut', stopped('max_tokens'), 'hel', [whole], { stop: 'length', calls: [] }],
    ['makes no call when it refuses', stopped('refusal'), '', [whole], { stop: 'refusal', calls: [] }],
    ['is broken before it is complete', progressAfter(), 'hello', [], { broken: 'ended its stream before the reply was complete' }],
    ['is broken when its server failed', stopped('error'), 'hello', [whole], { broken: 'broke its reply off: error' }],
    ['is broken when it is silent for a new reason', stopped('new'), '', [], { broken: 'stopped for the reason new, and said nothing' }],
    ['is broken when it is silent for no reason', over, ' ', [], { broken: 'stopped for the reason null, and said nothing' }],
  ] as const;
  for (const [title, progress, text, uses, end] of cases)
    it(title, () => {
      expect(endOfReply(progress, text, uses)).to.deep.equal(end);
    });
});
