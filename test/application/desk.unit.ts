import { expect } from 'chai';
import { chatId, promiseId } from '../../src/domain/index.ts';
import type { ConversationPage, ConversationPlace } from '../../src/ports/index.ts';
import { buildPromise, START } from '../../src/testing/index.ts';
import { makeDeskApi } from '../support/desk-api.ts';

const GROUP = 'telegram:-100777';

describe('What an operator looks at', () => {
  it('lists chats by what was said last, in them or to them, with their open promises, and finds them by words', async () => {
    const workspace = {
      name: 'Garden',
      aliases: [],
      description: '',
      type: 'dev',
      directory: '/srv',
      chatIds: [chatId(GROUP)],
      isDevGroup: false,
    };
    const { api, came, said, made } = makeDeskApi({ workspaces: [workspace] });
    await came('telegram:501', 1, { at: START + 5 });
    await came(GROUP, 2, { at: START, title: 'Beans' });
    await came('telegram:502', 3, { at: START + 1 });
    await came('local:self-ping', 4, { at: START + 20 });
    await said(GROUP, 'Here it is', START + 9);
    await made('count', { chatId: chatId(GROUP) });
    const list = async (text?: string, limit = 10) => {
      const page = await api.listChats?.({ limit, ...(text === undefined ? {} : { text }) });
      return [
        page?.total,
        page?.chats.map(({ chat, lastAt, openPromises, workspace }) => [chat.id, lastAt - START, openPromises, workspace]),
      ];
    };
    const group = [GROUP, 9, 1, 'Garden'];
    expect(await list()).to.deep.equal([3, [group, ['telegram:501', 5, 0, undefined], ['telegram:502', 1, 0, undefined]]]);
    expect(await list(undefined, 1)).to.deep.equal([3, [group]]);
    for (const text of ['beans', 'GARD', '-100777']) expect(await list(text), text).to.deep.equal([1, [group]]);
    expect(await list('nowhere')).to.deep.equal([0, []]);
  });

  it('reads a conversation in pages, each entry once, in the order in which things were said', async () => {
    const { api, came, said } = makeDeskApi();
    const chat = 'telegram:501';
    for (const n of [1, 2, 3, 4, 5]) await came(chat, n, { at: START + 2 * n, text: `asked ${n}` });
    for (const n of [1, 2, 3]) await said(chat, `answered ${n}`, START + 2 * n + 1);
    await came('telegram:502', 6);
    const pages: string[][] = [];
    let earlier: ConversationPlace | undefined = {};
    while (earlier) {
      const page: ConversationPage | undefined = await api.readConversation?.({ chatId: chatId(chat), limit: 3, ...earlier });
      pages.push((page?.entries ?? []).map((entry) => (entry.kind === 'reply' ? entry.reply.text : entry.message.message.text)));
      earlier = page?.earlier;
    }
    expect(pages).to.deep.equal([
      ['answered 3', 'asked 4', 'asked 5'],
      ['asked 2', 'answered 2', 'asked 3'],
      ['asked 1', 'answered 1'],
    ]);
  });

  it('goes through all promises in pages, and searches so many at a time', async () => {
    const { api, stores } = makeDeskApi();
    await stores.promises.add(
      [1, 7, 30_000, 45_000].map((n) => buildPromise({ id: promiseId(n), description: n === 7 ? 'beans' : 'peas' })),
    );
    const page = async (query: object) => {
      const found = await api.pagePromises?.({ limit: 3, ...query });
      return [found?.promises.map(({ id }) => id), found?.next];
    };
    expect(await page({})).to.deep.equal([[45_000, 30_000, 7], 7]);
    expect(await page({ before: promiseId(7) })).to.deep.equal([[1], undefined]);
    expect(await page({ text: 'beans' })).to.deep.equal([[], 25_001]);
    expect(await page({ text: 'beans', before: promiseId(25_001) })).to.deep.equal([[], 5_001]);
    expect(await page({ text: 'beans', before: promiseId(5_001) })).to.deep.equal([[7], undefined]);
  });

  it('tells all of a promise: what it waits for, what waits for it, and what was said of it', async () => {
    const { api, made, said } = makeDeskApi();
    const first = await made('first');
    const second = await made('second', { dependsOn: [first.id] });
    await said('telegram:501', 'Still at it', START, { promiseId: first.id });
    const told = await api.tellPromise?.(first.id);
    expect([told?.parents, told?.children.map(({ id }) => id), told?.told.map(({ text }) => text), told?.cost.calls]).to.deep.equal([
      [],
      [second.id],
      ['Still at it'],
      0,
    ]);
    expect((await api.tellPromise?.(second.id))?.parents.map(({ id }) => id)).to.deep.equal([first.id]);
    expect(await api.tellPromise?.(promiseId(99))).to.equal(undefined);
  });
});
