import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { STATS_RETENTION_MS } from '../../src/application/telemetry/track-performance.ts';
import { MAX_MEASURED_NAMES, MEASURED_KINDS, SKETCH_ERROR } from '../../src/domain/index.ts';

const read = (path: string): string => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');

describe('What docs say of stats', () => {
  it('has a row for every kind that is measured, and for no other', () => {
    const rows = [...read('how-to/see-performance.md').matchAll(/^\| `([a-z]+)` \|/gm)].map(([, kind]) => kind);
    expect(rows.toSorted()).to.deep.equal([...MEASURED_KINDS].sort());
  });

  it('names every kind that can be asked for', () => {
    expect(read('reference/command-line.md')).to.include(`\`--by ${MEASURED_KINDS.join('|')}\``);
    expect(read('reference/http-api.md')).to.include(MEASURED_KINDS.map((kind) => `\`${kind}\``).join(', '));
  });

  it('has the numbers of the code', () => {
    const text = read('how-to/see-performance.md').replace(/\s+/g, ' ');
    expect(text).to.include('eight days are kept').and.include(`more than ${MAX_MEASURED_NAMES} names of a kind`);
    expect(text).to.include(`within ${SKETCH_ERROR * 100} % of the true ones`);
    expect(STATS_RETENTION_MS).to.equal(8 * 86_400_000);
  });
});
