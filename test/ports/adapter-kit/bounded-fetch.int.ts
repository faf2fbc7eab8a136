import { expect } from 'chai';
import { boundedFetch, type FetchBounds } from '../../../src/ports/adapter-kit/bounded-fetch.ts';
import { failureOf } from '../../support/failure-of.ts';
import { listenHttp } from '../../support/loopback.ts';

const MB = 1024 ** 2;

/** What is read of an answer of these parts. */
const read = async (
  parts: readonly string[],
  { status = 200, type = 'text/event-stream', ...bounds }: FetchBounds & { readonly status?: number; readonly type?: string } = {},
): Promise<string> => {
  await using server = await listenHttp((_, response) => {
    response.on('error', () => undefined);
    response.writeHead(status, { 'content-type': type });
    for (const part of parts) response.write(part);
    response.end();
  });
  return await (await boundedFetch(undefined, bounds)(server.url)).text();
};

describe('A fetch whose answers end', () => {
  it('reads an answer as long as it may be, and none that is longer', async () => {
    expect(await read(['x'.repeat(1_000)], { maxAnswerBytes: 1_000 })).to.have.length(1_000);
    expect(await failureOf(read(['x'.repeat(1_001)], { maxAnswerBytes: 1_000 }))).to.include({ code: 'malformed-reply', retryable: false });
  });

  it('reads many events, and none that does not end', async () => {
    const event = `data: ${'x'.repeat(MB)}\n\n`;
    expect(await read(Array.from({ length: 20 }, () => event))).to.have.length(20 * event.length);
    expect(await failureOf(read(Array.from({ length: 20 }, () => 'x'.repeat(MB))))).to.include({ code: 'malformed-reply' });
  });

  it('knows the end of an event also where it comes in two parts, and by every sign for it', async () => {
    for (const end of ['\n\n', '\r\n\r\n', '\r\r']) {
      const events = Array.from({ length: 4 }, () => [`data: ${'x'.repeat(5 * MB)}${end.slice(0, -1)}`, end.slice(-1)]).flat();
      expect((await read(events)).length, JSON.stringify(end)).to.be.greaterThan(20 * MB);
    }
  }).timeout(20_000);

  it('cuts a refusal off, and refuses a page in place of an answer', async () => {
    expect(await read(['x'.repeat(MB)], { status: 500 })).to.have.length(64 * 1024);
    const page = await failureOf(read(['  <html>Sign in</html>'], { type: 'text/html', expected: 'Notion' }));
    expect(page).to.include({ code: 'malformed-reply', message: 'a web page answers there, and no Notion' });
    expect(await read(['data: 1\n\n'], { type: 'text/html' })).to.equal('data: 1\n\n');
  });
});
