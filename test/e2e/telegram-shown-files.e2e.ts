import { strict as assert } from 'node:assert';
import { openMessagesPeer } from '../fakes/anthropic/peer.ts';
import type { NewMessage } from '../fakes/telegram/index.ts';
import { until } from '../support/chat-api.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { pdfBytes, pngBytes } from '../support/media.ts';
import { ADA, BOT, makeTelegramSite, type TelegramSite } from '../support/telegram-site.ts';

const TEXT = 'milk\nbread\n';

/** Runs whole processes between a Telegram server at one end and the Messages API at the other. */
describe('What a model is shown of the files that people send on Telegram', function () {
  this.timeout(60_000);
  let site: TelegramSite;
  let kept: KeptProcess;
  let peer: Awaited<ReturnType<typeof openMessagesPeer>>;

  before(async () => {
    peer = await openMessagesPeer(Array.from({ length: 9 }, (_, i) => ({ content: [{ type: 'text', text: `Answer ${i + 1}.` }] })));
    site = await makeTelegramSite({ ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: peer.url });
    kept = await startKept(site, 'start');
  });
  after(async () => {
    await kept?.stop();
    site?.server.assertClean();
    await site?.remove();
    assert.deepEqual(peer.broken, []);
    await peer[Symbol.asyncDispose]();
  });

  const send = async (message: Partial<NewMessage>): Promise<number> => {
    const id = site.server.world.messageId(site.server.world.sendMessage({ from: ADA, chat: BOT, ...message }), BOT);
    await site.server.sent.until((item) => item.chat === ADA && item.replyTo === id);
    return id;
  };
  /** What people say in the n-th request to the model, block by block. */
  const shown = async (n: number) => {
    const { messages } = await until(`request ${n}`, async () => peer.requests[n - 1]);
    return messages.flatMap(({ role, content }) =>
      role !== 'user' ? [] : typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content,
    );
  };
  const texts = async (n: number): Promise<string> =>
    (await shown(n)).flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');

  it('is the photo, the PDF and the text, with their messages; of what is too large it is told', async () => {
    const [photo, pdf] = [pngBytes(40, 30), pdfBytes(2)];
    const first = await send({ text: 'the whiteboard', media: { photo } });
    const second = await send({ text: 'the plan', media: { document: pdf, name: 'plan.pdf', mimeType: 'application/pdf' } });
    await send({ text: 'the list', media: { document: Buffer.from(TEXT), name: 'list.txt', mimeType: 'text/plain' } });
    const blocks = await shown(3);
    const pictures = blocks.flatMap((block) => (block.type === 'image' ? [block.source] : []));
    assert.deepEqual(pictures, [{ type: 'base64', media_type: 'image/png', data: photo.toString('base64') }]);
    const documents = blocks.flatMap((block) => (block.type === 'document' ? [block.source] : []));
    assert.deepEqual(documents, [
      { type: 'base64', media_type: 'application/pdf', data: pdf.toString('base64') },
      { type: 'text', media_type: 'text/plain', data: TEXT },
    ]);
    assert.match(await texts(3), new RegExp(`the whiteboard\\n.*\\[saved as inbox/${ADA}/${first}-photo\\.jpg\\]`));
    assert.match(await texts(3), new RegExp(`\\[saved as inbox/${ADA}/${second}-plan\\.pdf\\]`));

    const large = Buffer.concat([pngBytes(), Buffer.alloc(4_000_000)]);
    const fourth = await send({ text: 'too much', media: { document: large, name: 'big.png', mimeType: 'image/png' } });
    assert.equal((await shown(4)).filter(({ type }) => type === 'image').length, 1);
    assert.match(
      await texts(4),
      new RegExp(`\\(Note: you are not shown .*inbox/${ADA}/${fourth}-big\\.png: it has 4 MB, and 3\\.5 MB are the most\\.\\)`),
    );
  });
});
