import { expect } from 'chai';
import { redactBeginning, redactedBeginning } from '../../../src/application/tools/redact-beginning.ts';

const key = 'k'.repeat(100);
const redact = (text: string): string => text.replaceAll(key, '*');

describe('the redacted beginning of a text', () => {
  it('holds no part of a secret, however much shorter than its secrets it is', () => {
    for (let before = 0; before <= 100; before += 7)
      for (const length of [100, 1_000, 20_000])
        expect(redactBeginning(redact, `${'-'.repeat(before)}${`${key} `.repeat(1_000)}`, length)).not.to.include('k');
  });

  it('is the whole where that fits once it is redacted, and says so', () => {
    expect(redactedBeginning(redact, `a ${key} b`, 5)).to.deep.equal({ text: 'a * b', isCut: false });
    expect(redactedBeginning(redact, `a ${key} b`, 4)).to.deep.equal({ text: 'a * ', isCut: true });
  });
});
