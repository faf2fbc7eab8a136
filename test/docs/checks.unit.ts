import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { checksReference } from '../../scripts/checks-reference.ts';
import { DOCTOR_CHECK_IDS } from '../../src/main/doctor/check-list.ts';
import { PROBES } from '../../src/main/probes/probe-list.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('The reference of checks', () => {
  it('is what the list of the code says: node scripts/checks-reference.ts writes it', () => {
    expect(read('docs/reference/checks.md')).to.equal(checksReference());
  });

  it('names no check twice, and stands for the list of the how-to of health', () => {
    const probes = Object.keys(PROBES);
    expect(DOCTOR_CHECK_IDS.filter((id) => probes.includes(id))).to.deep.equal([]);
    const [, anchor = ''] = /checks\.md#([\w-]+)/.exec(read('docs/how-to/check-health.md')) ?? [];
    const titles = [...checksReference().matchAll(/^## (.+)$/gm)].map(([, title = '']) => title.toLowerCase());
    expect(titles.map((title) => title.replaceAll('`', '').replaceAll(' ', '-'))).to.include(anchor);
  });
});
