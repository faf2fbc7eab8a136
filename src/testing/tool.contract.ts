import { strict as assert } from 'node:assert';
import { makeTurnDraft, plainToolName, type TurnDraft } from '../domain/index.ts';
import type { Tool, ToolContext, ToolOutcome } from '../ports/index.ts';
import type { Contract } from './contract.ts';

/** A tool under test, with input that it accepts. */
export interface ToolUnderTest {
  readonly tool: Tool;
  readonly input: unknown;
  /** The context of the call; `draft` is that of its turn, if it has one. */
  readonly context: (draft?: TurnDraft) => ToolContext;
}

const run = async ({ tool, context }: ToolUnderTest, input: unknown, draft?: TurnDraft): Promise<ToolOutcome> => {
  const outcome = await tool.run(input, context(draft));
  assert.equal(typeof outcome.output, 'string');
  return outcome;
};

/** The law of `Tool`. */
export const toolContract: Contract<ToolUnderTest> = {
  'has a name that every model accepts, and says what it is for': async ({ tool }) => {
    assert.equal(plainToolName(tool.name), tool.name);
    assert.ok(tool.description.trim() !== '');
    assert.equal(tool.inputSchema.type, 'object');
    assert.deepEqual(JSON.parse(JSON.stringify(tool.inputSchema)), tool.inputSchema);
  },

  'says its effect, what it does in a few words, and how long it may take': async ({ tool }) => {
    assert.ok(['reads', 'decides', 'acts'].includes(tool.effect));
    assert.match(tool.activity, /^\p{Ll}.{2,60}$/u);
    assert.ok(tool.timeoutMs > 0 && Number.isFinite(tool.timeoutMs));
  },

  'answers input that fits its schema': async (subject) => {
    const { output, isError } = await run(subject, subject.input, makeTurnDraft());
    assert.equal(isError, false, output);
    assert.ok(output.trim() !== '');
  },

  'answers a misuse in words, and does not throw': async (subject) => {
    for (const misuse of [undefined, null, 'text', 7, [], { 'no-such-argument': 1 }]) {
      const draft = makeTurnDraft();
      const { output, isError } = await run(subject, misuse, draft);
      assert.equal(isError, true, `accepts ${JSON.stringify(misuse)}`);
      assert.ok(output.trim() !== '');
      assert.deepEqual(draft.decisions, []);
    }
  },

  'decides something exactly if its effect is `decides`': async (subject) => {
    const draft = makeTurnDraft();
    await run(subject, subject.input, draft);
    assert.equal(draft.decisions.length > 0, subject.tool.effect === 'decides');
  },

  'decides nothing where there is no turn': async (subject) => {
    if (subject.tool.effect !== 'decides') return;
    assert.equal((await run(subject, subject.input)).isError, true);
  },
};
