/**
 * Mocha loads this first, so that the tests run alike for everybody: without the developer's own settings, with a
 * temporary directory for this run alone, and not at all where something is missing that they need, which is then said
 * in a sentence.
 */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { FILE_VARIABLES, VARIABLE_NAMES } from '../../src/config/environment.ts';
import { failOnBrokenReplies } from './broken-replies.ts';
import { missing } from './needs.ts';
import { assertRoom, releaseAll, takeDirectory } from './own-directory.ts';
import { failOnBrokenRules } from './strict-models.ts';
import { failOnUnheardRejections } from './unheard-rejections.ts';

/** Variables of Kept and of the services that it talks to, of PostgreSQL's clients, of Git (its hooks set them) … */
const OF_SERVICES = /^(KEPT|PROMISE|TELEGRAM|ANTHROPIC|OPENAI|PERPLEXITY|NOTION|PG|GIT)[A-Z_]*$/;
/** … and of what diverts requests, colours output, or has Node say more than it does. */
const OF_OUTPUT = /^(https?|all|no)_proxy$|^(NO|FORCE)_COLOR$|^DEBUG$|^NODE_(OPTIONS|DEBUG|ENV|EXTRA_CA_CERTS)$/i;
/** Those that are meant for the tests. */
const OF_TESTS = /^KEPT_TEST_/;

const isSetting = (name: string): boolean =>
  OF_SERVICES.test(name) || OF_OUTPUT.test(name) || [...VARIABLE_NAMES, ...FILE_VARIABLES].includes(name);

for (const name of Object.keys(process.env)) if (isSetting(name) && !OF_TESTS.test(name)) delete process.env[name];

/** A directory of this run's own, which the tests and all that they start take for the temporary directory. */
const takeRunDirectory = (): void => {
  assertRoom(50);
  const directory = takeDirectory('test');
  // PostgreSQL runs as somebody else when root runs the tests, and must come through.
  if (process.getuid?.() === 0) chmodSync(directory, 0o711);
  process.env.TMPDIR = directory;
  // A process of the tests starts in half the time with what the one before has compiled; coverage would be less exact
  // with it.
  if (!process.env.NODE_V8_COVERAGE) process.env.NODE_COMPILE_CACHE = join(directory, 'compiled');
};

let problem: string | undefined;
try {
  takeRunDirectory();
} catch (error) {
  problem = (error as Error).message;
}

/** Unpacking a browser on a slow disk takes a while. */
const CHECKS_MS = 120_000;

export const mochaHooks = {
  async beforeAll(this: Mocha.Context) {
    this.timeout(CHECKS_MS);
    const sentences = problem ? [problem] : await missing();
    if (sentences.length === 0) return;
    const error = new Error(`The tests can't run here.\n${sentences.join('\n')}`);
    error.stack = '';
    throw error;
  },
  afterEach: [failOnBrokenRules, failOnBrokenReplies, failOnUnheardRejections],
};

/**
 * With the run's directory goes what a test that failed has left running in it: else mocha would wait for that, for
 * ever.
 */
export const mochaGlobalTeardown = releaseAll;
