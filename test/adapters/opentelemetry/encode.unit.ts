import { expect } from 'chai';
import { encodeSpans, rejectedIn } from '../../../src/adapters/opentelemetry/encode.ts';

const sender = {
  resource: { 'service.name': 'kept', 'process.pid': 70_000, neg: -5, f: 1.5, yes: true },
  scope: { name: 'kept', version: '1.2.3' },
};
const times = { startedAt: 1_764_518_400_123, endedAt: 1_764_518_401_000 };

describe('The request of traces', () => {
  it('is what the encoder of protobuf makes of it, to the byte', () => {
    const body = encodeSpans(sender, [
      {
        traceId: 'ab'.repeat(16),
        spanId: '12'.repeat(8),
        name: 'turn é',
        kind: 'internal' as const,
        startedAt: 1_764_518_400_123.456,
        endedAt: 1_764_518_401_000,
        isError: true,
        attributes: { list: ['a', 'b', ''], n: 2 ** 40, empty: '' },
        points: [{ name: 'p', at: 1_764_518_400_500 }],
        links: [{ correlationId: 'cd'.repeat(16), spanId: '34'.repeat(8) }],
      },
      {
        traceId: 'ab'.repeat(16),
        spanId: '56'.repeat(8),
        parentSpanId: '12'.repeat(8),
        name: 'chat',
        kind: 'client' as const,
        ...times,
        attributes: {},
        points: [],
        links: [],
        isError: false,
      },
    ]);
    // Read and written again by opentelemetry-proto 1.39 for Python: `SerializeToString(deterministic=True)`.
    expect(body.toString('hex')).to.equal(OFFICIAL);
  });

  for (const units of [127, 128, 16_383, 16_384, 40_000, 2 ** 21])
    for (const letter of ['x', '€'])
      it(`has an attribute of ${units} × ${letter} whole, and what comes behind it`, () => {
        const text = letter.repeat(units);
        const span = { traceId: 'ab'.repeat(16), spanId: '12'.repeat(8), name: 'n', kind: 'client' as const, ...times };
        const more = { points: [], links: [], isError: false };
        const body = encodeSpans(sender, [
          { ...span, ...more, attributes: { text, list: [text, 'end'] } },
          { ...span, ...more, attributes: { next: 'here' } },
        ]);
        const [spans = []] = partsOf(body, 1).map((resource) => partsOf(resource, 2).flatMap((scope) => partsOf(scope, 2)));
        const [first, second] = spans.map((each) => partsOf(each, 9).flatMap((attribute) => partsOf(attribute, 2)));
        const textIn = (value: Buffer | undefined): string | undefined => value && partsOf(value, 1)[0]?.toString();
        expect(textIn(first?.[0]) === text, 'the text').to.equal(true);
        const list = partsOf(first?.[1] ?? Buffer.of(), 5)
          .flatMap((array) => partsOf(array, 1))
          .map(textIn);
        expect([list[0] === text, list[1], list.length]).to.deep.equal([true, 'end', 2]);
        expect([second?.length, textIn(second?.[0])]).to.deep.equal([1, 'here']);
      });

  it('has an answer that may say how many spans were rejected, and may be anything', () => {
    // `ExportTracePartialSuccess` of the same package, with 300 rejected spans.
    expect(rejectedIn(Buffer.from([10, 7, 8, 172, 2, 18, 2, 110, 111]))).to.equal(300);
    const reason = Buffer.alloc(200, 'x');
    const long = Buffer.from([10, 206, 1, 8, 172, 2, 18, 200, 1, ...reason]);
    expect(rejectedIn(long), 'with a message of 200 bytes').to.equal(300);
    const others = [[], [10], [10, 0], [10, 4, 18, 2, 110, 111], [10, 9, 8, 255, 255, 255, 255, 255, 255], [0xff, 0xff], [123, 125]];
    expect(others.map((bytes) => rejectedIn(Buffer.from(bytes)))).to.deep.equal(others.map(() => 0));
  });
});

/** The messages and texts of a field, as the format of protobuf has them. Throws where lengths do not fit. */
const partsOf = (message: Buffer, field: number): readonly Buffer[] => {
  const found: Buffer[] = [];
  let at = 0;
  const varint = (): number => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = message.readUInt8(at++);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const wire = tag % 8;
    const length = wire === 2 ? varint() : wire === 1 ? 8 : wire === 5 ? 4 : 0;
    if (wire === 0) varint();
    if (at + length > message.length) throw new Error('a part is longer than what it is in');
    if (wire === 2 && Math.floor(tag / 8) === field) found.push(message.subarray(at, at + length));
    at += length;
  }
  return found;
};

const OFFICIAL =
  '0adf020a5c0a160a0c736572766963652e6e616d6512060a046b6570740a130a0b70726f636573732e706964120418f0a2040a120a036e65' +
  '67120b18fbffffffffffffffff010a0e0a0166120921000000000000f83f0a090a037965731202100112fe010a0d0a046b6570741205312e' +
  '322e3312a4010a10abababababababababababababababab120812121212121212122a077475726e20c3a930013900caffd622d47c184100' +
  'ca3e0b23d47c184a180a046c69737412102a0e0a030a01610a030a01620a020a004a0c0a016e1207188080808080204a0b0a05656d707479' +
  '12020a005a0c09006571ed22d47c181201706a1c0a10cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd120834343434343434347a02180285010100' +
  '000012460a10abababababababababababababababab12085656565656565656220812121212121212122a0463686174300339c0d4f8d622' +
  'd47c184100ca3e0b23d47c18850101000000';
