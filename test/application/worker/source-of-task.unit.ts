import { expect } from 'chai';
import { sourceOfTask } from '../../../src/application/worker/promise-scope.ts';
import type { LeasedPromise, Provenance } from '../../../src/domain/index.ts';
import { buildPolicy, buildPromise } from '../../../src/testing/index.ts';

const promised = (provenance?: Provenance): LeasedPromise => {
  const { provenance: _, ...promise } = buildPromise();
  return { ...promise, ...(provenance ? { provenance } : {}) } as LeasedPromise;
};
const { requestedBy } = buildPromise();
const policyWith = (role: 'guest' | 'member') => ({
  ...buildPolicy(),
  people: new Map([[requestedBy.id, { name: 'Ada', role, path: 'people.ada' }]]),
});

describe('The source of a promise’s task', () => {
  it('is what it was made under', () => {
    expect(sourceOfTask(promised({ labels: ['web', 'agent'] }), policyWith('guest'))).to.deep.equal({ labels: ['web', 'agent'] });
  });

  it('is who asked, where it or its schedule was made before there were labels', () => {
    expect(sourceOfTask(promised(), policyWith('guest'))).to.deep.equal({ labels: ['guest'] });
    expect(sourceOfTask(promised(), policyWith('member'))).to.equal(undefined);
    expect(sourceOfTask(promised(), buildPolicy())).to.equal(undefined);
  });
});
