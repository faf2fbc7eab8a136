import { expect } from 'chai';
import { makeModelChains } from '../../../src/application/models/model-catalog.ts';
import { makeResilientChains } from '../../../src/application/models/resilient.ts';
import type { LanguageModel } from '../../../src/ports/language-model.ts';
import { makeFixedClock } from '../../../src/testing/fixed-clock.ts';
import { makeRecordingEvents } from '../../../src/testing/recording-events.ts';
import { makeScriptedModel, type ScriptedStep } from '../../../src/testing/scripted-model.ts';
import { makeSeededRandomness } from '../../../src/testing/seeded-randomness.ts';
import { ask } from '../../support/model-peer.ts';
import { failing } from '../support/model-harness.ts';

/** References `one`, `two` … as models of these scripts; `one` and `again` are the same model. */
const stage = (scripts: Readonly<Record<string, readonly ScriptedStep[]>>, order: readonly string[]) => {
  const made: string[] = [];
  const events = makeRecordingEvents();
  const catalog = makeModelChains({
    order,
    make: (reference) => {
      made.push(reference);
      const name = `own/${reference === 'again' ? 'one' : reference}`;
      return makeScriptedModel(scripts[reference] ?? [], name);
    },
    chain: makeResilientChains({ clock: makeFixedClock(), randomness: makeSeededRandomness(1), events }),
  });
  return { catalog, made, events };
};

const answered = async (model: LanguageModel): Promise<string | undefined> => (await ask(model)).reply?.text;

describe('makeModelChains', () => {
  it("asks an agent's own model first, then those of the installation in their order", async () => {
    const refused = { error: failing('unauthorised') };
    const { catalog } = stage({ three: [{ text: 'of three' }, refused], one: [refused], two: [{ text: 'of two' }] }, ['one', 'two']);
    const model = catalog.modelFor({ model: 'three' });
    expect(model.name).to.equal('own/three, then own/one, then own/two');
    expect(await answered(model)).to.equal('of three');
    expect(await answered(model)).to.equal('of two');
  });

  it('asks each model of a chain once, by whatever reference it is named', () => {
    const { catalog } = stage({}, ['one', 'two']);
    expect(catalog.modelFor({ model: 'again' }).name).to.equal('own/one, then own/two');
    expect(catalog.modelFor({ model: 'two' }).name).to.equal('own/two, then own/one');
    expect(catalog.modelFor({}).name).to.equal('own/one, then own/two');
  });

  it('makes each model and each chain once, and none before it is needed', () => {
    const { catalog, made } = stage({}, ['one', 'two']);
    expect(made).to.deep.equal([]);
    expect(catalog.modelFor({ model: 'two' })).to.equal(catalog.byReference('two'));
    expect(catalog.modelFor({})).to.equal(catalog.modelFor({}));
    expect(made).to.deep.equal(['two', 'one']);
  });

  it('leaves a model that failed for one agent behind the others for every agent', async () => {
    const { catalog, events } = stage({ one: [{ error: failing('unauthorised') }], two: [{ text: 'first' }, { text: 'second' }] }, [
      'one',
      'two',
    ]);
    expect(await answered(catalog.modelFor({}))).to.equal('first');
    expect(await answered(catalog.modelFor({ model: 'one' }))).to.equal('second');
    expect(events.events.filter(({ type }) => type === 'model-failed')).to.have.length(1);
  });

  it('puts the cheapest model of the installation first for work behind the scenes', () => {
    const { catalog } = stage({}, ['big-opus', 'small-haiku', 'middle']);
    expect(catalog.cheapest().name).to.equal('own/small-haiku, then own/big-opus, then own/middle');
  });
});
