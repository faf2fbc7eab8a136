import { expect } from 'chai';
import { makeRunAgent, PROMISE_AGENT } from '../../../src/application/index.ts';
import { makeAgentExecutor } from '../../../src/application/worker/agent-executor.ts';
import { isSentBackNote } from '../../../src/domain/promise/gate.ts';
import type { Tool } from '../../../src/ports/index.ts';
import { buildPolicy, makeFixedClock, makeRecordingLogger, makeScriptedModel, type ScriptedStep } from '../../../src/testing/index.ts';
import { modelAndTools, onlyAgent } from '../../support/catalogs.ts';
import { logged } from '../../support/logged.ts';
import { redact } from '../support/harness.ts';
import { leased, progress, signal } from './agent-executor-harness.ts';

describe('Work of an agent that comes to no result', () => {
  describe('A promise for which nothing was done', () => {
    const missing = { toolCalls: [{ id: 'm', tool: 'no_such_tool', input: {} }] };
    const report = (input: unknown) => ({ toolCalls: [{ id: 'r', tool: 'report_failure', input }] });
    const sorry = { text: "I'm sorry, but I couldn't read the file." };
    const run = async (script: readonly ScriptedStep[], maxSteps = 3, tools: readonly Tool[] = []) => {
      const model = makeScriptedModel(script);
      const logger = makeRecordingLogger();
      const executor = makeAgentExecutor({
        promises: { getMany: async () => [] },
        runAgent: makeRunAgent({ ...modelAndTools(model, tools), events: logged(logger), clock: makeFixedClock(), redact }),
        agents: onlyAgent({ ...PROMISE_AGENT, limits: { maxSteps, maxOutputTokens: 100 } }),
        policy: buildPolicy(),
        clock: makeFixedClock(),
        events: logged(logger),
      });
      const outcome = await executor.execute(leased(), { signal, progress }).then(
        ({ text }) => text,
        (error: unknown) => error,
      );
      expect(model.remaining, 'steps that are left of the script').to.equal(0);
      return { outcome, model };
    };

    for (const [what, script, message] of [
      ['reports a failure', [report({ reason: 'notes.txt is not there' })], 'notes.txt is not there'],
      ['reports a failure in words of its own shape', [report('x')], 'No reason was given.'],
      ['reports a failure at its last step', [missing, missing, report({ reason: 'no such tool' })], 'no such tool'],
      ['is declined', [{ stop: 'refusal' }], 'The model declined to answer this.'],
      ['is declined after half a sentence', [{ text: 'Sure, step one', stop: 'refusal' }], 'The model declined to answer this.'],
      ['is answered by nothing, twice', [{ text: ' ' }, { text: '' }], 'The model ended without a result.'],
      ['is cut before its first word, twice', [{ stop: 'length' }, { stop: 'length' }], 'The model ended without a result.'],
      [
        'calls tools that are not there, up to its last step',
        Array.from({ length: 6 }, () => missing),
        'It used up its steps (3) or its calls of tools, and came to no result.',
      ],
      [
        'has no tool that works, up to its last step',
        [missing, missing, { text: 'Hm.' }],
        'It used up its steps (3) or its calls of tools, and came to no result.',
      ],
      ['is apologised for, twice', [sorry, sorry], sorry.text],
      [
        'is called done where nothing was, twice',
        [{ text: 'Done!' }, { text: 'Done!' }],
        'Nothing was done for it, and its whole answer was: Done!',
      ],
      [
        'is answered by a call of a tool in words, twice',
        [{ text: '<tool_call>\n{"name": "read_file"}\n</tool_call>' }, { text: '[TOOL_CALLS]read_file[ARGS]{"path":"a"}' }],
        'The model wrote a call of a tool as text, which its server did not read as one.',
      ],
      ['is apologised for, then reported', [sorry, report({ reason: 'no file' })], 'no file'],
      [
        'only announces work, twice',
        [{ text: "I'll get back to you." }, { text: "Sure! I'll look into it later." }],
        'It only announced work to come, and did none.',
      ],
    ] as const)
      it(`fails a promise that ${what}, with the reason`, async () => {
        const { outcome } = await run(script);
        expect(outcome).to.be.an('error').and.to.include({ code: 'could-not', retryable: false, message });
      });

    it('fails a promise with a retryable error if its agent reports a failure that may pass', async () => {
      expect((await run([report({ reason: 'the server is down', retryable: true })])).outcome).to.include({
        code: 'could-not',
        retryable: true,
      });
    });

    it('keeps a promise that the agent does after its answer was sent back', async () => {
      for (const first of [sorry, { text: '' }]) {
        const { outcome, model } = await run([first, { text: 'There are three.' }]);
        expect(outcome).to.equal('There are three.');
        const note = model.requests[1]?.conversation.at(-1);
        expect(note?.role === 'person' && isSentBackNote(note.text) && note.text).to.include('report_failure');
      }
      expect((await run([missing, { text: 'A poem.' }, { text: 'A poem.' }])).outcome, 'it needs no tool').to.equal('A poem.');
    });

    it('keeps a promise that is called done after a tool has worked', async () => {
      const looks = async () => ({ output: 'a.ts', isError: false });
      const tool: Tool = {
        name: 'list_files',
        description: '',
        inputSchema: {},
        effect: 'reads',
        activity: 'looking',
        timeoutMs: 30_000,
        run: looks,
      };
      const script = [{ toolCalls: [{ id: 'l', tool: 'list_files', input: {} }] }, { text: 'Done.' }];
      expect((await run(script, 3, [tool])).outcome).to.equal('Done.');
    });

    it('keeps a promise whose result tells what was done and what was not', async () => {
      const text = '3 files could not be read. The others hold 12 TODO comments.';
      expect((await run([{ text }])).outcome).to.equal(text);
    });
  });
});
