import { expect } from 'chai';
import { lastWords } from '../../../src/adapters/mcp/last-words.ts';

describe('The last words of a program', () => {
  const NODE = `node:internal/modules/cjs/loader:1404
  throw err;
  ^

Error: Cannot find module '/srv/missing.mjs'
    at Module._resolveFilename (node:internal/modules/cjs/loader:1401:15)
    at node:internal/main/run_main_module:36:49 {
  code: 'MODULE_NOT_FOUND',
  requireStack: []
}

Node.js v24.21.0
`;
  const NPM = `npm error code E404
npm error 404  'no-such@*' is not in this registry.
npm error
npm error A complete log of this run can be found in: /root/.npm/_logs/1.log
`;
  const PYTHON = `Traceback (most recent call last):
  File "server.py", line 1, in <module>
ModuleNotFoundError: No module named 'mcp'
`;
  for (const [what, stderr, expected] of [
    ['of Node are its error, not its stack', NODE, "Error: Cannot find module '/srv/missing.mjs'"],
    ['of npm are its reason, not the place of its log', NPM, "npm error 404  'no-such@*' is not in this registry."],
    ['of Python are its error', PYTHON, "ModuleNotFoundError: No module named 'mcp'"],
    ['of a shell are its last line', 'one\ntwo\n\n', 'two'],
    ['are none where it said nothing', '\n \n', ''],
  ] as const)
    it(what, () => {
      expect(lastWords(stderr)).to.equal(expected);
    });
});
