import { strict as assert } from 'node:assert';
import { type Fact, type FactPlace, factId } from '../domain/index.ts';
import type { FactStore, Storage } from '../ports/index.ts';
import { buildFact, GROUP, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat, telegramUser } from './ids.ts';
import { wider } from './wider.ts';

const ADA = telegramUser(501);
const GRACE = telegramUser(502);
const build = (id: number, terms: Partial<Fact> = {}): Fact => buildFact({ id: factId(id), ...terms });
const seen = async (facts: FactStore, place: FactPlace): Promise<readonly number[]> => (await facts.find(place, 100)).map(({ id }) => id);

/** A store may put the sign for what cannot be stored in the place of a NUL, or of half a character. */
const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

/** The law of `FactStore`. */
export const factStoreContract: Contract<Storage> = {
  'reserves rising numbers, none of them twice, not even after a unit of work that failed': async ({ stores, unitOfWork }) => {
    const all = (await Promise.all(Array.from({ length: 10 }, () => stores.facts.reserveIds(2)))).flat();
    assert.equal(new Set(all).size, 20);
    let drawn = 0;
    const failing = unitOfWork.run(async ({ facts }) => {
      drawn = Number((await facts.reserveIds(1))[0]);
      throw new Error('undone');
    });
    await assert.rejects(failing, /undone/);
    assert.ok(Number((await stores.facts.reserveIds(1))[0]) > Math.max(drawn, ...all));
  },

  'returns facts as they were added, newest first, and nothing that their objects hold beside': async ({ stores: { facts } }) => {
    const { messageId: _, ...withoutMessage } = build(2);
    const all = [build(1), withoutMessage, build(3, { text: "“'); DROP TABLE facts; --”" })];
    await facts.add(all.map((fact) => wider({ ...fact, saidBy: wider(fact.saidBy) })));
    assert.deepEqual(await facts.find({ personId: ADA }, 10), all.toReversed());
    assert.deepEqual(await facts.find({ personId: ADA }, 2), all.toReversed().slice(0, 2));
  },

  'stores what no database likes, as far as it can': async ({ stores: { facts } }) => {
    const hostile = ['nul \0 nul', 'half \ud800 half', "'); DROP TABLE facts; --", '🚂'.repeat(250), '\u202e turned', '%_*"'];
    await facts.add(hostile.map((text, at) => build(at + 1, { text, saidBy: { id: ADA, name: text } })));
    const found = (await facts.find({ personId: ADA }, 10)).toReversed();
    assert.deepEqual(
      found.map(({ text, saidBy }) => [storable(text), storable(saidBy.name)]),
      hostile.map((text) => [storable(text), storable(text)]),
    );
  },

  'shows the facts of a workspace there alone, and those about a person to nobody else': async ({ stores: { facts } }) => {
    await facts.add([
      build(1),
      build(2, { chatId: GROUP }),
      build(3, { workspace: 'Railway', chatId: GROUP }),
      build(4, { workspace: 'Harbour', chatId: telegramChat(-7) }),
      build(5, { saidBy: { id: GRACE, name: 'Ada' } }),
      build(6, { chatId: telegramChat(-1_001_234_567_890, 9) }),
    ]);
    assert.deepEqual(await seen(facts, { personId: ADA }), [6, 2, 1]);
    assert.deepEqual(await seen(facts, { personId: ADA, workspace: 'Railway', room: GROUP }), [6, 3, 2]);
    assert.deepEqual(await seen(facts, { personId: GRACE, workspace: 'Railway', room: GROUP }), [3]);
    assert.deepEqual(await seen(facts, { personId: GRACE, workspace: 'railway' }), [5]);
    assert.deepEqual(await seen(facts, { personId: telegramUser(503) }), []);
  },

  'counts the facts of a workspace, and those about a person wherever they were said': async ({ stores: { facts } }) => {
    await facts.add([
      build(1),
      build(2, { chatId: GROUP }),
      build(3, { workspace: 'Railway', chatId: GROUP }),
      build(4, { workspace: 'Railway', chatId: GROUP, saidBy: { id: GRACE, name: 'Grace' } }),
      build(5, { saidBy: { id: GRACE, name: 'Grace' } }),
    ]);
    const owners = [{ personId: ADA }, { personId: GRACE }, { workspace: 'Railway' }, { workspace: 'railway' }];
    assert.deepEqual(await Promise.all(owners.map((owner) => facts.count(owner))), [2, 1, 2, 0]);
    await facts.forget([factId(1), factId(3)]);
    assert.deepEqual(await Promise.all(owners.map((owner) => facts.count(owner))), [1, 1, 1, 0]);
  },

  'forgets what it is told to, once, and nothing else': async ({ stores: { facts } }) => {
    await facts.add([build(1), build(2), build(3)]);
    assert.equal(await facts.forget([1, 3, 3, 7].map(factId)), 2);
    assert.equal(await facts.forget([factId(1)]), 0);
    assert.equal(await facts.forget([]), 0);
    assert.deepEqual(await seen(facts, { personId: ADA }), [2]);
  },

  'adds and forgets with a unit of work, or not at all': async ({ stores, unitOfWork }) => {
    await stores.facts.add([build(1)]);
    const run = unitOfWork.run(async ({ facts }) => {
      await facts.add([build(2)]);
      await facts.forget([factId(1)]);
      assert.deepEqual(await seen(facts, { personId: ADA }), [2]);
      throw new Error('undone');
    });
    await assert.rejects(run, /undone/);
    assert.deepEqual(await seen(stores.facts, { personId: ADA }), [1]);
  },

  'follows a chat that moves: the number of the message counts no more': async ({ stores: { facts, chatMoves } }) => {
    const from = telegramChat(-5);
    await facts.add([build(1, { chatId: from }), build(2, { chatId: from, workspace: 'Railway' })]);
    await chatMoves.add({ from, to: GROUP, at: START });
    const found = await facts.find({ personId: ADA, workspace: 'Railway', room: GROUP }, 10);
    assert.deepEqual(
      found.map(({ id, chatId, messageId }) => [id, chatId, messageId]),
      [
        [2, GROUP, undefined],
        [1, GROUP, undefined],
      ],
    );
    assert.deepEqual(await seen(facts, { personId: ADA, room: from }), []);
  },
};
