import { expect } from 'chai';
import { sourceOfTask } from '../../../src/application/worker/promise-scope.ts';
import type { LeasedPromise, Provenance } from '../../../src/domain/index.ts';
import { buildPolicy, buildPromise } from '../../../src/testing/index.ts';

const promised = (provenance?: Provenance, metadata: LeasedPromise['metadata'] = {}): LeasedPromise => {
  const { provenance: _, ...promise } = buildPromise();
  return { ...promise, metadata, ...(provenance ? { provenance } : {}) } as LeasedPromise;
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

  it('is who asked, where its schedule was made before there were labels', () => {
    const ticked = promised(undefined, { schedule: 1 });
    expect(sourceOfTask(ticked, policyWith('guest'))).to.deep.equal({ labels: ['guest'] });
    expect(sourceOfTask(ticked, policyWith('member'))).to.equal(undefined);
    expect(sourceOfTask(ticked, buildPolicy())).to.equal(undefined);
  });

  it('is not known, where it was made by itself before there were labels', () => {
    for (const policy of [policyWith('guest'), policyWith('member'), buildPolicy()])
      expect(sourceOfTask(promised(), policy)).to.deep.equal({ labels: ['unknown'], isPrivate: true });
  });
});
