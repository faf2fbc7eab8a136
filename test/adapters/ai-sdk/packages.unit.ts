import { createAnthropic } from '@ai-sdk/anthropic';
import { expect } from 'chai';
import { makeAiSdkModel } from '../../../src/adapters/ai-sdk/index.ts';
import type { ImportPackage } from '../../../src/adapters/ai-sdk/provider.ts';
import { ask } from '../../support/model-peer.ts';
import { packageOf } from './harness.ts';

const parts = [{ type: 'text-delta', id: '1', delta: 'Hi.' }, finish()];
function finish(): object {
  const none = { total: 1, noCache: undefined, cacheRead: undefined, cacheWrite: undefined };
  return { type: 'finish', usage: { inputTokens: none, outputTokens: none }, finishReason: { unified: 'stop', raw: 'stop' } };
}
const good = packageOf({ doStream: async () => ({ stream: ReadableStream.from(parts) as ReadableStream<{ type: string }> }) });
const make = (importPackage: ImportPackage, packages: readonly [string, ...string[]] = ['@ai-sdk/own', 'own']) =>
  makeAiSdkModel({ packages, model: 'x', name: 'ai-sdk:own/x', importPackage });
const missing = (name: string): Error =>
  Object.assign(new Error(`Cannot find package '${name}' imported from /kept/x.js`), { code: 'ERR_MODULE_NOT_FOUND' });

describe('A model behind a package of the AI SDK', () => {
  it('says how to install a package that is missing, and asks it once it is there', async () => {
    let isThere = false;
    const model = make(async (name) => {
      if (!isThere || name.startsWith('@')) throw missing(name);
      return good;
    });
    const { error } = await ask(model);
    expect(error).to.include({ code: 'not-found', retryable: false });
    expect(error?.message).to.equal(
      'the package @ai-sdk/own is not installed; install it where Kept is installed: `npm install @ai-sdk/own`',
    );
    isThere = true;
    expect((await ask(model)).reply?.text).to.equal('Hi.');
  });

  it('imports its package once, and not before it is asked', async () => {
    const asked: string[] = [];
    const model = make(async (name) => {
      asked.push(name);
      return good;
    });
    expect(asked).to.deep.equal([]);
    await Promise.all([ask(model), ask(model)]);
    await ask(model);
    expect(asked).to.deep.equal(['@ai-sdk/own']);
  });

  it('says that a package fails to load, and not that it is missing, where it lacks another', async () => {
    const { error } = await ask(make(() => Promise.reject(missing('@ai-sdk/provider-utils'))));
    expect(error).to.include({ code: 'not-found' });
    expect(error?.message).to.include("the package @ai-sdk/own can't be loaded").and.include('provider-utils');
  });

  for (const [what, exports, words] of [
    ['offers no provider', { VERSION: '1', createThing: () => ({}) }, 'offers no provider of models'],
    [
      'offers one that needs more settings',
      {
        createX: () => {
          throw new Error('baseURL is needed');
        },
      },
      'offers no provider of models',
    ],
    [
      'speaks another version',
      packageOf({ specificationVersion: 'v2' }),
      "speaks version v2 of the AI SDK's specification, and Kept speaks v4",
    ],
  ] as const)
    it(`says that a package ${what}`, async () => {
      const { error } = await ask(make(async () => exports));
      expect(error).to.include({ code: 'not-found', retryable: false });
      expect(error?.message).to.include(words);
    });

  it('is given up at an abort while its package is still loading', async () => {
    const abort = new AbortController();
    const asked = ask(
      make(() => new Promise(() => queueMicrotask(() => abort.abort()))),
      undefined,
      { signal: abort.signal },
    );
    expect((await asked).error).to.include({ code: 'aborted' });
  });

  it('tells the operator which variable holds the key where there is none', async () => {
    const { error } = await ask(
      make(async () => ({ createAnthropic: (settings: object) => createAnthropic({ ...settings, baseURL: 'http://127.0.0.1:1' }) })),
    );
    expect(error).to.include({ code: 'unauthorised', retryable: false, message: 'ai-sdk:own/x has no key' });
    expect(error?.help).to.include('ANTHROPIC_API_KEY');
  });
});
