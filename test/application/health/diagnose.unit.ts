import { expect } from 'chai';
import { type DoctorCheck, diagnose } from '../../../src/application/health/diagnose.ts';
import { makeRunProbes } from '../../../src/application/health/run-probes.ts';
import { makeFixedClock } from '../../../src/testing/index.ts';

const check = (id: string, more: Partial<DoctorCheck> = {}): DoctorCheck => ({
  id,
  depth: 'local',
  limitMs: 1_000,
  late: { status: 'warn', fixHint: 'look' },
  probe: async () => ({ status: 'fail', message: 'it can not be read' }),
  ...more,
});

describe('A diagnosis', () => {
  it('tells every line where the look for repairs fails as the check did, as in a directory of somebody else', async () => {
    const refused = () => Promise.reject(new Error('EACCES: permission denied, scandir'));
    const repair = { words: 'remove a', run: async () => undefined };
    const found = await diagnose({
      checks: [check('storage.modes', { repairs: refused }), check('process.lock', { repairs: async () => [repair] })],
      probes: () => [check('storage.disk', { probe: async () => ({ status: 'ok', message: 'free' }) })],
      unseen: async () => [],
      run: makeRunProbes({ clock: makeFixedClock() }),
      isAsked: () => true,
    });
    expect(found.checks.map(({ id, status }) => `${id} ${status}`)).to.deep.equal([
      'storage.modes fail',
      'process.lock fail',
      'storage.disk ok',
    ]);
    expect((await found.repairs()).map(({ id, words }) => `${id}: ${words}`)).to.deep.equal(['process.lock: remove a']);
  });
});
