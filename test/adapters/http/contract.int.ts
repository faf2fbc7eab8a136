import { expect } from 'chai';
import fc from 'fast-check';
import { localChatId } from '../../../src/domain/index.ts';
import { apiDocument, documentCheck } from '../../support/api-document.ts';
import { anyRequests, differsFrom, fittingRequests, operationsOf, send } from '../../support/api-requests.ts';
import { makeScriptedApi } from '../../support/http-api.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

const RUNS = Number(process.env.KEPT_TEST_RUNS ?? 25);

describe('HTTP: each route is what the document says', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  const document = apiDocument();
  const check = documentCheck(document);

  /** Something of each kind, in several states. */
  const openFilled = async () => {
    const scripted = makeScriptedApi();
    const opened = await open({}, scripted);
    for (const text of ['one', 'two', 'three']) scripted.promise(text);
    scripted.promise('elsewhere', { chatId: localChatId(2), deadline: Date.now() + 60_000 });
    scripted.schedule('every day');
    await scripted.approval();
    await scripted.say('Hello.');
    return opened;
  };

  for (const [method, path, operation] of operationsOf(document))
    it(`${method} ${path} (${operation.operationId})`, async () => {
      const { url } = await openFilled();
      const place = [method, path, operation] as const;
      await fc.assert(
        fc.asyncProperty(fittingRequests(...place), async (request) => {
          const answer = await send(url, request);
          expect(differsFrom(document, check, place, answer)).to.equal(undefined);
          expect(answer.status, `the document describes what is refused: ${answer.text}`).to.not.equal(400);
        }),
        { numRuns: RUNS },
      );
      await fc.assert(
        fc.asyncProperty(anyRequests(...place), async (request) => {
          expect(differsFrom(document, check, place, await send(url, request))).to.equal(undefined);
        }),
        { numRuns: RUNS },
      );
    });
});
