import { strict as assert } from 'node:assert';
import { makeStartChild } from '../../../src/adapters/child-process/index.ts';
import { makeClaudeCodeAgent } from '../../../src/adapters/claude-code/index.ts';
import type { CodingResult } from '../../../src/ports/index.ts';
import { openCodingPeer } from '../../fakes/anthropic/coding-peer.ts';
import { loadClaudeSdk } from '../../support/claude-sdk.ts';
import { makeCodingSite } from '../../support/coding-site.ts';
import { failureOf } from '../../support/failure-of.ts';
import type { Handler } from '../../support/loopback.ts';
import { refusal, SERVICE_FAULTS } from '../../support/service-faults.ts';

const KEY = 'sk-ant-the-key-of-the-product';
const BOUND_MS = 30_000;

/** What each fault of its model comes to. */
const OUTCOMES: Readonly<Record<string, readonly [code: string, retryable: boolean, words: RegExp]>> = {
  '401': ['unauthorised', false, /refuses the key \(ANTHROPIC_API_KEY\)/],
  '429 with Retry-After: 3600': ['rate-limited', true, /asks for a pause/],
  '529 for ever': ['unavailable', true, /overloaded or down \(HTTP 529\)/],
};
const OTHERWISE = ['unavailable', true, /^Claude Code failed: .*(?:malformed response|connection|lost|timed out)/i] as const;

describe('Claude Code whose model fails', function () {
  this.timeout(60_000);

  /** A run that writes one file, while its model meets these faults. */
  const run = async (faults: readonly Handler[], use: (result: Promise<CodingResult>) => Promise<void>): Promise<void> => {
    const site = await makeCodingSite();
    const peer = await openCodingPeer(site.workspace);
    for (const fault of faults) peer.failNext(fault);
    const agent = makeClaudeCodeAgent({
      load: loadClaudeSdk,
      anthropic: { apiKey: KEY, baseUrl: peer.url },
      bounds: { silenceMs: 1_000, streamSilenceMs: 1_000, maxAnswerBytes: 1024 ** 2 },
      homeFor: async () => site.home,
      hidden: [],
      path: process.env.PATH ?? '',
      start: makeStartChild(),
    });
    const startedAt = performance.now();
    try {
      await use(
        agent.run(
          {
            instruction: `Do this: ${JSON.stringify([{ do: 'write', path: 'a.txt', text: 'x' }])}`,
            workspace: site.workspace,
            limits: { maxTurns: 20 },
            signal: new AbortController().signal,
          },
          { onProgress: () => undefined, onPermission: site.onPermission },
        ),
      );
      assert.ok(performance.now() - startedAt < BOUND_MS, `${performance.now() - startedAt} ms`);
      assert.equal(await site.processes(), 0);
    } finally {
      await peer.close();
      await site.remove();
    }
  };

  for (const [what, fault] of SERVICE_FAULTS)
    it(`tells of ${what} in words, and leaves no process`, () =>
      run(
        Array.from({ length: 20 }, () => fault),
        async (result) => {
          const error = await failureOf(result);
          const [code, retryable, words] = OUTCOMES[what] ?? OTHERWISE;
          assert.deepEqual([error.code, error.retryable], [code, retryable], error.message);
          assert.match(error.message, words);
          assert.ok(!error.message.includes(KEY));
        },
      ));

  it('does its work once its model answers, after 529 twice', () =>
    run([refusal(529), refusal(529)], async (result) => assert.equal((await result).stop, 'end')));
});
