import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeRecordLogin } from '../../../src/application/audit/record-logins.ts';
import { PortError } from '../../../src/ports/index.ts';
import { makeFixedClock, makeRecordingEvents } from '../../../src/testing/index.ts';
import { settle } from '../support/harness.ts';

const HOUR = 60 * 60 * 1000;

describe('The logins in the audit log', () => {
  const stage = () => {
    const { audit } = makeMemoryStorage().stores;
    const clock = makeFixedClock();
    const events = makeRecordingEvents();
    const record = makeRecordLogin({ audit, clock, events });
    const told = async () => {
      await settle();
      while ((await audit.seal(1_000)) > 0);
      return (await audit.read({ limit: 1_000 })).map(({ actor, facts }) => ({ actor, ...facts }));
    };
    return { record, clock, told };
  };

  it('tell of the first use of the token from an address in a day', async () => {
    const { record, clock, told } = stage();
    for (let n = 0; n < 1_000; n++) record('10.0.0.1', true);
    record('10.0.0.2', true);
    clock.advance(24 * HOUR);
    record('10.0.0.1', true);
    const accepted = { actor: 'operator', door: 'http', outcome: 'accepted' };
    expect(await told()).to.deep.equal(['10.0.0.1', '10.0.0.2', '10.0.0.1'].map((address) => ({ ...accepted, address })));
  });

  it('tell of the first wrong token of a burst, and then how many more there were, from wherever they came', async () => {
    const { record, clock, told } = stage();
    for (let n = 0; n < 5_000; n++) record(`10.0.${n % 200}.1`, false);
    expect(await told()).to.have.length(60);
    record('10.9.9.9', true);
    clock.advance(HOUR);
    record('10.0.0.1', false);
    const facts = await told();
    expect(facts.at(-2)).to.deep.equal({ actor: 'operator', door: 'http', outcome: 'accepted', address: '10.9.9.9' });
    expect(facts.at(-1)).to.deep.equal({ actor: 'unknown', door: 'http', outcome: 'refused', address: '10.0.0.1', notTold: 4_940 });
  });

  it('that can not be stored are an event, and hold up nobody', async () => {
    const events = makeRecordingEvents();
    const add = () => Promise.reject(new PortError('storage-full', 'the disk is full', { retryable: true }));
    makeRecordLogin({ audit: { add }, clock: makeFixedClock(), events })('10.0.0.1', true);
    await settle();
    expect(events.of('audit-not-stored')).to.deep.equal([{ type: 'audit-not-stored', kind: 'login', reason: 'the disk is full' }]);
  });
});
