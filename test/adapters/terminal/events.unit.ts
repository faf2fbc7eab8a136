import { expect } from 'chai';
import fc from 'fast-check';
import { readEvents } from '../../../src/adapters/terminal/server-sent-events.ts';

const read = async (raw: string, cuts: readonly number[] = []): Promise<unknown[]> => {
  const bytes = new TextEncoder().encode(raw);
  const places = [0, ...[...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const chunks = places.slice(1).map((end, at) => bytes.subarray(places[at], end));
  const events: unknown[] = [];
  for await (const event of readEvents(fromChunks(chunks))) events.push(event);
  return events;
};
async function* fromChunks(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

describe('Server-sent events', () => {
  it('reads server-sent events with every kind of line end, several data lines, and without a name', async () => {
    expect(await read('event: draft\r\ndata: one\r\ndata: two\r\n\r\ndata:three\r\rid: 4\nevent: message\ndata\n\n')).to.deep.equal([
      { event: 'draft', data: 'one\ntwo' },
      { event: 'message', data: 'three' },
      { event: 'message', data: '' },
    ]);
  });

  it('yields undefined for comments, and drops an event without data or end', async () => {
    expect(await read(': still here\n\nevent: draft\n\nretry: 1000\n\ndata: cut\n')).to.deep.equal([undefined]);
  });

  it('reads the same events however the stream is cut into chunks', async () => {
    const raw = 'event: draft\r\nid: 1\r\ndata: {"text":"日本 👍"}\r\n\r\n: alive\n\nevent: draft\ndata: é\n\n';
    const whole = await read(raw);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), async (cuts) => {
        expect(await read(raw, cuts)).to.deep.equal(whole);
      }),
    );
  });
});
