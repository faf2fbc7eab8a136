import { MAX_ANSWER_LENGTH } from '../../domain/agent/agent.ts';
import type { ModelStep } from '../../domain/agent/run-step.ts';
import type { LedgerEntry } from '../../domain/budget/ledger.ts';
import { countable } from '../../domain/conversation/turn.ts';
import { present } from '../../domain/shared/present.ts';
import type { Redact } from '../../ports/redact.ts';
import { redactBeginning } from '../tools/redact-beginning.ts';
import { type AdmittedCall, readmittedCall, recordedCall } from './admitted-calls.ts';
import type { AskedReply } from './read-answer.ts';

const MAX_NAME_LENGTH = 100;
const MAX_REFUSAL_LENGTH = 2_000;
/** What a model says beside its calls, as much as is kept of it. */
export const MAX_SAID_LENGTH = 20_000;
/** Longer than an answer may be, so that it is still cut with a note. */
const MAX_TEXT_LENGTH = MAX_ANSWER_LENGTH + 1_000;

/** A reply as the journal keeps it: redacted, and without what the model attached. */
export const modelStep = (
  redact: Redact,
  reply: AskedReply,
  calls: readonly AdmittedCall[],
  { at, durationMs, spent = [] }: { readonly at: number; readonly durationMs: number; readonly spent?: readonly LedgerEntry[] },
): ModelStep => {
  const { refusal } = reply;
  return {
    kind: 'model',
    at,
    durationMs,
    model: redactBeginning(redact, reply.model, MAX_NAME_LENGTH),
    usage: countable(reply.usage),
    stop: reply.stop,
    text: redactBeginning(redact, reply.text, calls.length > 0 ? MAX_SAID_LENGTH : MAX_TEXT_LENGTH),
    calls: calls.map(recordedCall),
    ...present({
      refusal: refusal === undefined ? undefined : redactBeginning(redact, refusal, MAX_REFUSAL_LENGTH),
      brokeOff: reply.brokeOff,
      spent: spent.length > 0 ? spent : undefined,
    }),
  };
};

/** The reply that an earlier process recorded. */
export const recordedReply = ({ text, calls, stop, usage, model, refusal, brokeOff }: ModelStep) => {
  const admitted = calls.map(readmittedCall);
  const reply: AskedReply = { text, toolCalls: admitted.map(({ call }) => call), stop, usage, model, ...present({ refusal, brokeOff }) };
  return { ...reply, calls: admitted };
};
