import { strict as assert } from 'node:assert';
import type { Storage } from '../ports/index.ts';
import type { Contract } from './contract.ts';

const entries = (object: Readonly<Record<string, string | undefined>>) => new Map(Object.entries(object));

/** The law of `KeyValueState`. */
export const keyValueStateContract: Contract<Storage> = {
  'returns a value as it was set last': async ({ state: stateOf }) => {
    const state = stateOf('telegram');
    await state.set(entries({ session: '', 'peer:-1001234': 'Grüße 🚂\n"quoted"', 'update.pts': '9007199254740993' }));
    await state.set(entries({ session: 'AQAAAA==' }));
    assert.equal(await state.get('session'), 'AQAAAA==');
    assert.equal(await state.get('peer:-1001234'), 'Grüße 🚂\n"quoted"');
    assert.equal(await state.get('update.pts'), '9007199254740993');
    assert.equal(await state.get('unknown'), undefined);
  },

  'keeps an empty value': async ({ state: stateOf }) => {
    await stateOf('telegram').set(entries({ session: '' }));
    assert.equal(await stateOf('telegram').get('session'), '');
    assert.deepEqual(await stateOf('telegram').list(''), entries({ session: '' }));
  },

  'deletes with undefined, beside what is set in the same call': async ({ state: stateOf }) => {
    const state = stateOf('telegram');
    await state.set(entries({ a: '1', b: '2' }));
    await state.set(entries({ a: undefined, c: '3', unknown: undefined }));
    assert.equal(await state.get('a'), undefined);
    assert.deepEqual(await state.list(''), entries({ b: '2', c: '3' }));
    await state.set(entries({ a: '4' }));
    assert.equal(await state.get('a'), '4');
  },

  'keeps the entries of owners apart': async ({ state: stateOf }) => {
    await stateOf('telegram').set(entries({ key: 'ours' }));
    await stateOf('matrix').set(entries({ key: 'theirs', more: 'x' }));
    await stateOf('matrix').set(entries({ more: undefined }));
    assert.equal(await stateOf('telegram').get('key'), 'ours');
    assert.deepEqual(await stateOf('telegram').list(''), entries({ key: 'ours' }));
    assert.deepEqual(await stateOf('matrix').list('k'), entries({ key: 'theirs' }));
  },

  'lists the keys that begin with the prefix, in which no character is a wildcard': async ({ state: stateOf }) => {
    const state = stateOf('telegram');
    const some = { 'peer:1': 'a', 'peer:10': 'b', 'peer:é': 'c', 'peers:1': 'd', peer: 'e', 'PEER:1': 'f', 'p%:1': 'g', p_: 'h' };
    await state.set(entries(some));
    assert.deepEqual(await state.list('peer:'), entries({ 'peer:1': 'a', 'peer:10': 'b', 'peer:é': 'c' }));
    assert.deepEqual(await state.list('p%'), entries({ 'p%:1': 'g' }));
    assert.deepEqual(await state.list('p_'), entries({ p_: 'h' }));
    assert.deepEqual(await state.list('x'), new Map());
    assert.equal((await state.list('')).size, 8);
  },

  'changes nothing with an empty set': async ({ state: stateOf }) => {
    await stateOf('telegram').set(new Map());
    assert.deepEqual(await stateOf('telegram').list(''), new Map());
  },

  'sets a thousand entries at once': async ({ state: stateOf }) => {
    const many = new Map(Array.from({ length: 1_000 }, (_, i) => [`peer:${i}`, `hash ${i}`] as const));
    await stateOf('telegram').set(many);
    assert.deepEqual(await stateOf('telegram').list('peer:'), many);
  },

  'keeps one of 20 parallel sets, whole': async ({ state: stateOf }) => {
    const state = stateOf('telegram');
    await Promise.all(Array.from({ length: 20 }, (_, i) => state.set(entries({ pts: `${i}`, qts: `${i}`, date: `${i}` }))));
    const [pts, qts, date] = await Promise.all(['pts', 'qts', 'date'].map((key) => state.get(key)));
    assert.ok(pts !== undefined);
    assert.deepEqual([qts, date], [pts, pts]);
  },
};
