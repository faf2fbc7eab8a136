import { expect } from 'chai';
import { redactedJson } from '../../src/ports/index.ts';

describe('A value as JSON without secrets', () => {
  const redact = (text: string): string => text.replaceAll('pass"word\nof two lines', '[redacted]').replaceAll('plain-key', '[redacted]');

  it('has none in its texts, however deep, where quoting would have changed it, and none in its names', () => {
    const text = redactedJson({ a: [{ b: 'it is pass"word\nof two lines.' }], 'plain-key': 1 }, redact);
    expect(text).to.equal('{"a":[{"b":"it is [redacted]."}],"[redacted]":1}');
  });

  it('is indented where that is asked for, and empty for what is no JSON', () => {
    expect(redactedJson({ a: 'b' }, redact, 2)).to.equal('{\n  "a": "b"\n}');
    expect(redactedJson(undefined, redact)).to.equal('');
  });
});
