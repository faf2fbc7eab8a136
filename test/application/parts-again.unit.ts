import { expect } from 'chai';
import { type IncomingMessage, textOfParts } from '../../src/domain/index.ts';
import type { MessageOverrides } from '../../src/testing/index.ts';
import { buildMessage, GROUP, telegramMessage, telegramUser } from '../../src/testing/index.ts';
import { makeProcess, makeWorld } from './support/harness.ts';

const album = (numbers: readonly number[], more: MessageOverrides = {}): IncomingMessage => {
  const parts = numbers.map((n) => ({ messageId: telegramMessage(n), text: `photo ${n}` }));
  return buildMessage({ messageId: telegramMessage(numbers[0] ?? 1), parts, text: textOfParts(parts), ...more });
};

const stage = () => {
  const world = makeWorld();
  const { receive } = makeProcess(world);
  const open = async () => (await world.storage.stores.messages.open(album([1]).chat.id, 10)).map(({ message }) => message.text);
  return { world, receive, open };
};

describe('messages that come together', () => {
  it('recognises an album by each of its parts if it comes again in pieces after a crash', async () => {
    const { receive, open } = stage();
    const first = await receive(album([1, 2, 3]));
    for (const piece of [[1], [2, 3], [3], [2], [1, 2, 3]]) expect(await receive(album(piece))).to.deep.equal(first);
    expect(await open()).to.deep.equal(['photo 1\nphoto 2\nphoto 3']);
  });

  it('receives the missing parts of an album when it comes again as a whole', async () => {
    const { receive, open } = stage();
    await receive(album([1]));
    expect((await receive(album([1, 2, 3]))).message).to.deep.include({ messageId: telegramMessage(2), text: 'photo 2\nphoto 3' });
    await receive(album([1, 2, 3]));
    expect(await open()).to.deep.equal(['photo 1', 'photo 2\nphoto 3']);
  });

  it('does not confuse an album with one of another chat that has the same numbers', async () => {
    const { receive, open } = stage();
    await receive(album([1, 2], { chatId: GROUP, chatKind: 'group' }));
    await receive(album([1, 2]));
    expect(await open()).to.deep.equal(['photo 1\nphoto 2']);
  });

  it('denies an album once, however often it comes', async () => {
    const { world, receive } = stage();
    const stranger = { sender: { id: telegramUser(666), kind: 'person' } } as const;
    await receive(album([1, 2, 3], stranger));
    await receive(album([1, 2, 3], stranger));
    expect(await world.storage.stores.messages.stats()).to.include({ denied: 1 });
  });
});
