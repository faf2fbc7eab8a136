import { strict as assert } from 'node:assert';
import { type Link, MAX_LINKS_PER_TENANT, wordQuery } from '../domain/index.ts';
import type { LinkStore, Storage } from '../ports/index.ts';
import { buildLink, GROUP, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat, telegramMessage } from './ids.ts';
import { wider } from './wider.ts';

const TENANT = 'telegram:501';
const found = async (links: LinkStore, text?: string, tenant = TENANT): Promise<readonly string[]> =>
  (await links.find({ tenant, limit: 100, ...(text === undefined ? {} : { query: wordQuery(text) }) })).map(({ key }) => key);

/** The law of `LinkStore`. */
export const linkStoreContract: Contract<Storage> = {
  'returns links as they were saved, newest first, and nothing that their objects hold beside': async ({ stores: { links } }) => {
    const { messageId: _, ...asked } = buildLink('https://kept.example/b', { note: 'About “b”', savedAt: START - 1 });
    const all: Link[] = [buildLink('https://kept.example/a'), asked];
    assert.equal(await links.save(all.map((link) => wider({ ...link, savedBy: wider(link.savedBy) }))), 2);
    assert.deepEqual(await links.find({ tenant: TENANT, limit: 10 }), all.toReversed());
    assert.deepEqual(await links.find({ tenant: TENANT, limit: 1 }), all.slice(1));
    assert.equal(await links.count(TENANT), 2);
  },

  'saves a link once for each tenant, and takes a new note': async ({ stores: { links } }) => {
    const first = buildLink('https://kept.example/a');
    await links.save([first]);
    assert.equal(
      await links.save([
        { ...first, savedAt: START + 9 },
        { ...first, note: 'The rules' },
      ]),
      0,
    );
    assert.deepEqual(await links.find({ tenant: TENANT, limit: 10 }), [{ ...first, note: 'The rules' }]);
    assert.deepEqual(await found(links, 'rules'), [first.key]);
    assert.equal(await links.save([{ ...first, tenant: 'Railway' }]), 1);
    assert.deepEqual([await links.count(TENANT), await links.count('Railway'), await links.count('railway')], [1, 1, 0]);
  },

  'saves one link once, even in parallel': async ({ stores: { links } }) => {
    const saved = await Promise.all(Array.from({ length: 5 }, () => links.save([buildLink('https://kept.example/a')])));
    assert.equal(
      saved.reduce((sum, n) => sum + n),
      1,
    );
    assert.equal(await links.count(TENANT), 1);
  },

  'finds links by the words of their addresses and notes, in their tenant alone': async ({ stores: { links } }) => {
    await links.save([
      buildLink('https://kept.example/Timetables?line=S7'),
      buildLink('https://other.example/%D1%80%D0%B0%D1%81%D0%BF', { note: 'Fährplan, 100% sure_thing' }),
      buildLink('https://kept.example/timetables', { tenant: 'Railway' }),
    ]);
    const [first, second] = ['kept.example/Timetables?line=S7', 'other.example/%D1%80%D0%B0%D1%81%D0%BF'];
    for (const text of ['timetable', 'KEPT s7', '"kept example"']) assert.deepEqual(await found(links, text), [first], text);
    for (const text of ['fahrplan', 'расп', 'sure_thing']) assert.deepEqual(await found(links, text), [second], text);
    for (const text of ['harbour', '"kept timetables"', 'ke%pt', 'able']) assert.deepEqual(await found(links, text), [], text);
    assert.deepEqual(await found(links, 'example'), [second, first]);
    assert.deepEqual(await found(links, undefined, 'Railway'), ['kept.example/timetables']);
  },

  'stores and searches notes that no database likes': async ({ stores: { links } }) => {
    const hostile = ['nul \0 nul', 'half \ud800 half', "'); DROP TABLE links; --", '"a" OR NEAR(b) * ^c', '% _ \\', 'é'.repeat(500)];
    await links.save(hostile.map((note, at) => buildLink(`https://kept.example/${at}`, { note })));
    assert.equal(await links.count(TENANT), hostile.length);
    for (const text of hostile) await links.find({ tenant: TENANT, limit: 5, query: wordQuery(text) });
    assert.deepEqual(await found(links, 'half'), ['kept.example/1']);
    assert.deepEqual(await found(links, 'near b c'), ['kept.example/3']);
    assert.deepEqual(await found(links, '% OR _'), ['kept.example/3']);
  },

  'removes one link of one tenant, once': async ({ stores: { links } }) => {
    await links.save(['a', 'b'].map((page) => buildLink(`https://kept.example/${page}`)));
    await links.save([buildLink('https://kept.example/a', { tenant: 'Railway' })]);
    assert.deepEqual([await links.remove(TENANT, 'kept.example/a'), await links.remove(TENANT, 'kept.example/a')], [true, false]);
    assert.deepEqual([await found(links), await found(links, undefined, 'Railway')], [['kept.example/b'], ['kept.example/a']]);
  },

  'erases the links that a message brought, and no others': async ({ stores: { links } }) => {
    const { messageId: _, ...asked } = buildLink('https://kept.example/c');
    await links.save([
      buildLink('https://kept.example/a'),
      buildLink('https://kept.example/b', { messageId: telegramMessage(2) }),
      buildLink('https://kept.example/d', { chatId: telegramChat(502) }),
      asked,
    ]);
    await links.erase(telegramChat(501), [telegramMessage(1), telegramMessage(7)]);
    assert.deepEqual(await found(links), ['kept.example/c', 'kept.example/d', 'kept.example/b']);
  },

  'erases no link that its message still brings, and none that somebody has asked to save since': async ({ stores: { links } }) => {
    const asked = buildLink('https://kept.example/b');
    await links.save(['a', 'b', 'c'].map((page) => buildLink(`https://kept.example/${page}`)));
    const { messageId, ...again } = asked;
    await links.save([again]);
    await links.erase(telegramChat(501), [telegramMessage(1)], ['kept.example/a', 'elsewhere.example']);
    assert.deepEqual(await found(links), ['kept.example/b', 'kept.example/a']);
    assert.equal(messageId, telegramMessage(1));
    assert.equal((await links.find({ tenant: TENANT, limit: 1 }))[0]?.messageId, undefined);
    await links.save([asked]);
    await links.erase(telegramChat(501), [telegramMessage(1)]);
    assert.deepEqual(await found(links), ['kept.example/b']);
  },

  'keeps the newest links of a tenant, up to the most that it may have': async ({ stores: { links } }) => {
    const all = Array.from({ length: MAX_LINKS_PER_TENANT + 3 }, (_, n) => buildLink(`https://kept.example/${n}`));
    await links.save([buildLink('https://kept.example/0', { tenant: 'Railway' })]);
    await links.save(all.slice(0, -1));
    await links.save(all.slice(-1));
    assert.equal(await links.count(TENANT), MAX_LINKS_PER_TENANT);
    const keys = (await links.find({ tenant: TENANT, limit: MAX_LINKS_PER_TENANT + 9 })).map(({ key }) => key);
    assert.deepEqual([keys[0], keys.at(-1)], [all.at(-1)?.key, all[3]?.key]);
    assert.equal(await links.count('Railway'), 1);
  },

  'undoes what a unit of work that fails has saved': async ({ stores, unitOfWork }) => {
    const run = unitOfWork.run(async ({ links }) => {
      await links.save([buildLink('https://kept.example/a')]);
      assert.equal(await links.count(TENANT), 1);
      throw new Error('undone');
    });
    await assert.rejects(run, /undone/);
    assert.equal(await stores.links.count(TENANT), 0);
  },

  'follows a chat that moves: its own links become those of the new chat, each of them once': async ({ stores }) => {
    const { links, chatMoves } = stores;
    const from = telegramChat(-5);
    const theirs = buildLink('https://kept.example/a', { tenant: GROUP, chatId: GROUP, note: 'theirs' });
    await links.save([
      theirs,
      buildLink('https://kept.example/a', { tenant: from, chatId: from }),
      buildLink('https://kept.example/b', { tenant: from, chatId: from }),
      buildLink('https://kept.example/c', { tenant: 'Railway', chatId: from }),
    ]);
    await chatMoves.add({ from, to: GROUP, at: START });
    const moved = await links.find({ tenant: GROUP, limit: 10 });
    assert.deepEqual(
      moved.map(({ key, chatId, messageId, note }) => [key, chatId, messageId, note]),
      [
        ['kept.example/b', GROUP, undefined, undefined],
        ['kept.example/a', GROUP, theirs.messageId, 'theirs'],
      ],
    );
    assert.deepEqual([await links.count(from), (await links.find({ tenant: 'Railway', limit: 1 }))[0]?.chatId], [0, GROUP]);
  },
};
