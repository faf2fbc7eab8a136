import { expect } from 'chai';
import fc from 'fast-check';
import { type ApiDocument, documentCheck } from '../support/api-document.ts';
import { anyRequests, differsFrom, fittingRequests, operationsOf, send } from '../support/api-requests.ts';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';

const RUNS = Number(process.env.KEPT_TEST_RUNS ?? 10);
const TOKEN = 'token-of-this-test';
const SAID = ['Hello', 'In the background, count the TODO comments in this project', 'Every day at 9am, count the TODOs in this project'];

describe('The API of a running Kept', function () {
  this.timeout(120_000);
  let site: Site;
  let kept: KeptProcess;
  const headers = { authorization: `Bearer ${TOKEN}` };

  before(async () => {
    site = await makeSite({ KEPT_API_TOKEN: TOKEN });
    kept = await startKept(site, 'start');
    for (const [at, text] of SAID.entries()) {
      const said = { method: 'POST', path: '/api/v1/chat/messages', body: JSON.stringify({ text }), contentType: 'application/json' };
      expect((await send(kept.url, said, headers)).status).to.equal(202);
      const verdict = { method: 'GET', path: `/api/v1/chat/messages/${2 * at + 1}/verdict` };
      for (let status = 0; status !== 200; ) ({ status } = await send(kept.url, verdict, headers));
    }
  });
  after(async () => {
    await kept.stop();
    await site.remove();
  });

  it('is what its own document says, with what it really stores, and never fails', async () => {
    const { text } = await send(kept.url, { method: 'GET', path: '/api/v1/openapi.json' });
    const document: ApiDocument = JSON.parse(text);
    const check = documentCheck(document);
    const answered = new Map<string, Set<number>>();
    for (const place of operationsOf(document)) {
      const { operationId } = place[2];
      const statuses = new Set<number>();
      answered.set(operationId, statuses);
      await fc.assert(
        fc.asyncProperty(fc.oneof(fittingRequests(...place), anyRequests(...place)), async (request) => {
          const answer = await send(kept.url, request, headers);
          statuses.add(answer.status);
          const differs = differsFrom(document, check, place, answer);
          expect(differs, `${operationId} ${JSON.stringify(request)}`).to.equal(undefined);
        }),
        { numRuns: RUNS },
      );
    }
    // Not all of them only refuse.
    for (const id of [
      'listMessages',
      'listPromises',
      'listSchedules',
      'readAudit',
      'listChats',
      'reportUsage',
      'reportStats',
      'listAlerts',
    ])
      expect([...(answered.get(id) ?? [])], id).to.include(200);
  });
});
