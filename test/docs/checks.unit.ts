import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { checksReference } from '../../scripts/checks-reference.ts';
import { DOCTOR_CHECK_IDS, PROBES } from '../../src/main/doctor/check-list.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('The reference of checks', () => {
  it('is what the list of the code says: node scripts/checks-reference.ts writes it', () => {
    expect(read('docs/reference/checks.md')).to.equal(checksReference());
  });

  it('names the probes that the how-to of health names, and no others', () => {
    const told = [...read('docs/how-to/check-health.md').matchAll(/^\| `([a-z<>.-]+)` \|.*\| \d+ s \|$/gm)].map(([, id]) => id);
    expect(Object.keys(PROBES).toSorted()).to.deep.equal(told.toSorted());
    expect(DOCTOR_CHECK_IDS.filter((id) => told.includes(id))).to.deep.equal([]);
  });
});
