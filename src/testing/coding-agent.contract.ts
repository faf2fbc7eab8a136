import { strict as assert } from 'node:assert';
import { type CodingAgent, type CodingHooks, type CodingResult, type CodingRun, isPortError, type PortError } from '../ports/index.ts';
import type { Contract } from './contract.ts';

/** What an instruction makes the agent do, one after the other. */
export type CodingStep =
  /** Writes a file, by its path from the workspace. */
  | { readonly do: 'write'; readonly path: string; readonly text: string }
  | { readonly do: 'say'; readonly text: string }
  /** Says what it was told before, in this session. */
  | { readonly do: 'recall' }
  /** Works on without an end. */
  | { readonly do: 'wait' }
  /** Can't go on, for good. */
  | { readonly do: 'fail' };

/**
 * A coding agent under test, with a workspace that is a repository: it has `.git/hooks/`, and `link`, a symbolic link
 * to a directory outside.
 */
export interface CodingAgentUnderTest {
  readonly agent: CodingAgent;
  readonly workspace: string;
  /** An instruction that makes the agent do these steps. */
  readonly instruction: (steps: readonly CodingStep[]) => string;
  /** The rule of the product, over the workspace. */
  readonly onPermission: CodingHooks['onPermission'];
  /** The text of a file, by its path from the workspace; undefined if there is none. */
  readonly read: (path: string) => Promise<string | undefined>;
  /** How many of its processes there are. */
  readonly processes: () => Promise<number>;
}

const run = (
  { agent, workspace, instruction, onPermission }: CodingAgentUnderTest,
  steps: readonly CodingStep[],
  change: Partial<CodingRun> = {},
  hooks: Partial<CodingHooks> = {},
): Promise<CodingResult> =>
  agent.run(
    { instruction: instruction(steps), workspace, limits: { maxTurns: 20 }, signal: new AbortController().signal, ...change },
    { onProgress: () => undefined, onPermission, ...hooks },
  );

const failureOf = async (work: Promise<unknown>): Promise<PortError> => {
  const error = await work.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  );
  assert.ok(isPortError(error), `it rejects with PortError, not ${error}`);
  return error;
};

const OUTSIDE = [
  '../outside.txt',
  'link/outside.txt',
  '.git/hooks/pre-commit',
  '.git/config',
  '.claude/settings.json',
  '.mcp.json',
  '.env',
];

/** The law of `CodingAgent`, in real time. */
export const codingAgentContract: Contract<CodingAgentUnderTest> = {
  'changes a file, tells its progress, and says what came of it': async (subject) => {
    const progress: string[] = [];
    const steps: CodingStep[] = [
      { do: 'write', path: 'src/new.txt', text: 'alpha\n' },
      { do: 'say', text: 'It is written.' },
    ];
    const result = await run(subject, steps, {}, { onProgress: (text) => progress.push(text) });
    assert.equal(await subject.read('src/new.txt'), 'alpha\n');
    assert.equal(result.stop, 'end');
    assert.match(result.text, /It is written\./);
    assert.deepEqual(result.denials, []);
    assert.ok(progress.length > 0 && progress.every((text) => text.trim() !== ''), 'it tells its progress in words');
    assert.equal(await subject.processes(), 0);
  },

  'tells its session before it works, and continues it': async (subject) => {
    const told: string[] = [];
    const onSession = async (session: string): Promise<void> => void told.push(session);
    const first = await run(subject, [{ do: 'say', text: 'The word is heron.' }], {}, { onSession });
    assert.deepEqual(told, [first.session]);
    const second = await run(subject, [{ do: 'recall' }], { session: first.session });
    assert.equal(second.session, first.session);
    assert.match(second.text, /heron/);
  },

  'begins a new session if it does not know the one to continue': async (subject) => {
    const session = '00000000-0000-4000-8000-000000000000';
    const result = await run(subject, [{ do: 'say', text: 'Anew.' }], { session });
    assert.match(result.text, /Anew\./);
    assert.notEqual(result.session, session);
  },

  'writes nothing outside, through a link, or where others run it, and says what was denied': async (subject) => {
    for (const path of OUTSIDE) {
      const before = await subject.read(path);
      const steps: CodingStep[] = [
        { do: 'write', path, text: 'planted' },
        { do: 'say', text: 'I tried.' },
      ];
      const { denials } = await run(subject, steps);
      assert.equal(await subject.read(path), before, `${path} was written`);
      assert.ok(denials.length > 0, `${path} was denied without a word`);
      for (const { title, reason } of denials) assert.ok(title.trim() !== '' && reason.trim() !== '');
    }
  },

  'ends at its limit of turns': async (subject) => {
    const steps = Array.from({ length: 6 }, (_, i): CodingStep => ({ do: 'write', path: `turn-${i}.txt`, text: 'x' }));
    const { stop } = await run(subject, steps, { limits: { maxTurns: 2 } });
    assert.equal(stop, 'limit');
    assert.equal(await subject.read('turn-5.txt'), undefined);
    assert.equal(await subject.processes(), 0);
  },

  'rejects with PortError if it can not work': async (subject) => {
    const { message } = await failureOf(run(subject, [{ do: 'fail' }]));
    assert.ok(message.trim() !== '');
    assert.equal(await subject.processes(), 0);
  },

  'rejects soon after its signal aborts, and leaves no process': async (subject) => {
    const abort = new AbortController();
    const steps: CodingStep[] = [{ do: 'write', path: 'begun.txt', text: 'x' }, { do: 'wait' }];
    let begun = (): void => undefined;
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const work = failureOf(run(subject, steps, { signal: abort.signal }, { onProgress: () => begun() }));
    await Promise.race([isBegun, work]);
    assert.ok((await subject.processes()) > 0, 'it works in a process');
    const at = performance.now();
    abort.abort();
    assert.equal((await work).code, 'aborted');
    assert.ok(performance.now() - at < 3_000, `it took ${Math.round(performance.now() - at)} ms`);
    assert.equal(await subject.processes(), 0);
  },

  'rejects if its signal has aborted before': async (subject) => {
    assert.equal((await failureOf(run(subject, [{ do: 'say', text: 'x' }], { signal: AbortSignal.abort() }))).code, 'aborted');
    assert.equal(await subject.processes(), 0);
  },
};
