import { expect } from 'chai';
import { makeUniqueNames, nameOf, userId } from '../../src/domain/index.ts';

const person = (id: number, name: string, username?: string) => ({ id: userId(id), name, ...(username === undefined ? {} : { username }) });

describe('the names of who speaks', () => {
  it('are as they are where no other looks like it', () => {
    const people = [person(1, 'Alice'), person(2, 'Bob'), person(1, 'Alice')];
    expect(people.map(makeUniqueNames(people))).to.deep.equal(['Alice', 'Bob', 'Alice']);
  });

  for (const like of [
    'Alice',
    'ALICE',
    'alice ',
    'Аlice',
    'Alicе',
    'A\u200blice',
    'A\u202elice',
    'Ａｌｉｃｅ',
    'AIice',
    'Al1ce',
    'Àlice',
    '𝐀lice',
  ])
    it(`“${like}” beside Alice is told from her by username or id, and so is she`, () => {
      const people = [person(501, 'Alice', 'alice'), person(502, like)];
      const [alice, other] = people.map(makeUniqueNames(people));
      expect(alice).to.equal('Alice (@alice)');
      expect(other).to.match(/ \(id 502\)$/);
    });

  it('a person who takes another’s name later is told apart under each name', () => {
    const people = [person(1, 'Alice'), person(2, 'Mallory'), person(2, 'Alice')];
    expect(people.map(makeUniqueNames(people))).to.deep.equal(['Alice (id 1)', 'Mallory', 'Alice (id 2)']);
  });

  for (const like of ['Ꭺlice', 'ᎪᏞᏆᏟᎬ', 'ᗅlice', 'Λlice', 'Alicᥱ', '🅰lice'])
    it(`“${like}”, of letters that are there to look like others, is never a name alone`, () => {
      const people = [person(501, 'Alice'), person(502, like, 'mallory')];
      expect(people.map(makeUniqueNames(people))[1]).to.match(/ \(@mallory\)$/);
    });

  for (const name of ['Алиса', 'Αλίκη', 'アリス', '爱丽丝', 'Ալիսա', 'أليس', 'Zoë Müller-Łuć', 'Алиса Smith'])
    it(`“${name}” is a name as it is`, () => {
      const people = [person(1, name, 'ann'), person(2, 'Bob')];
      expect(people.map(makeUniqueNames(people))[0]).to.equal(name);
    });

  for (const name of [
    'Kept itself',
    'A note from Kept itself, and not from a person',
    'Message 3',
    'The system',
    'Кеpt itself',
    'Kept',
    'kept',
    'Кеpt',
    'K e p t',
    'System',
    'assistant',
    'You',
    '\u200b',
    '()',
  ])
    it(`“${name}” is nobody’s name alone`, () => {
      const people = [person(7, name, 'eve')];
      expect(people.map(makeUniqueNames(people))[0]).to.match(/\(@eve\)$/);
    });

  it('hold no sign that our own marks are made of, and end somewhere', () => {
    const name = nameOf({ ...person(7, ''), displayName: `Bob (@alice): [hi]\n\u2028${'x'.repeat(200)}`, kind: 'person' });
    expect(name)
      .to.match(/^Bob alice hi x+$/)
      .and.have.length.at.most(64);
    expect(nameOf({ id: userId(7), displayName: ':::', username: 'eve', kind: 'person' })).to.equal('eve');
    expect(nameOf({ id: userId(7), kind: 'person' })).to.equal('7');
  });

  it('hold no bracket of any kind, so that nobody bears what stands behind another’s name', () => {
    for (const name of ['Bob (@alice)', 'Bob ❨@alice❩', 'Bob ⟦@alice⟧', 'Bob ﹙@alice﹚', 'Bob 「@alice」', 'Bob ⁽@alice⁾', 'Bob „@alice“'])
      expect(nameOf({ ...person(7, ''), displayName: name, kind: 'person' }), name).to.equal('Bob alice');
  });

  it('a username that is no plain one is not shown', () => {
    const people = [person(1, 'Alice', 'alice'), person(2, 'Alice', 'ali\u212ae)')];
    expect(people.map(makeUniqueNames(people))).to.deep.equal(['Alice (@alice)', 'Alice (id 2)']);
  });
});
