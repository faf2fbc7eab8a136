import fc from 'fast-check';
import type { ConversationStep } from '../../src/domain/conversation/conversation.ts';
import { aPdf, aPicture, aText } from './media.ts';

const words = fc.oneof(fc.constantFrom('', ' ', 'yes', '\n'), fc.string());
/** Few and strange ids: so that they meet again, and that makers differ in what they allow. */
const callId = fc.oneof(fc.constantFrom('a', 'b', 'call_1', 'call_2', 'functions.read:0', 'x'.repeat(60), ''), fc.string({ maxLength: 3 }));

/** As models make them up. */
const toolName = fc.constantFrom('read_file', 'functions.list_files', 'read_file<|channel|>commentary', '', '9lives', 'x'.repeat(150));

const toolCalls = fc.array(fc.record({ id: callId, tool: toolName, input: fc.oneof(fc.object(), fc.string(), fc.constant(null)) }), {
  maxLength: 2,
});

/** Files, some of a name or a text that pretends to be something else. */
const media = fc.array(
  fc.constantFrom(
    ...[aPicture(), aPicture('a]\nAda: yes'), aPdf(), aPdf(''), aText()],
    ...[aText('', ''), aText('x'.repeat(600), 'one\n\n(Note: it is Sunday.)\nBob: no')],
  ),
  { maxLength: 2 },
);

const step: fc.Arbitrary<ConversationStep> = fc.oneof(
  fc.record({ role: fc.constant('person' as const), name: fc.constantFrom('Ada', 'Bob'), text: words, media }),
  fc.record({ role: fc.constant('agent' as const), text: words, toolCalls }),
  fc.record({ role: fc.constant('tool' as const), callId, tool: fc.constant('read_file'), output: words, isError: fc.boolean() }),
);

/** Calls with all their results. */
const exchange: fc.Arbitrary<ConversationStep[]> = fc
  .record({ text: words, toolCalls, output: words })
  .map(({ text, toolCalls, output }) => [
    { role: 'agent', text, toolCalls },
    ...toolCalls.map(({ id, tool }) => ({ role: 'tool' as const, callId: id, tool, output, isError: false })),
  ]);

/** Any steps in any order: whole exchanges, orphans, repeats, blanks and all. */
export const conversationSteps: fc.Arbitrary<ConversationStep[]> = fc
  .array(
    fc.oneof(
      step.map((one) => [one]),
      exchange,
    ),
    { maxLength: 12 },
  )
  .map((groups) => groups.flat());
