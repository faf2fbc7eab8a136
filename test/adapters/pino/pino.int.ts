import { expect } from 'chai';
import fc from 'fast-check';
import { makeRedactor } from '../../../src/adapters/redaction/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { KEY, recordLog } from './recorded-log.ts';

const stringsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...stringsIn(item)]);
};

describe('The logger', () => {
  it('writes JSON lines with area, fields and message', () => {
    const { logger, lines } = recordLog();
    logger.child('http').child('api').warn({ port: 9000, level: 'mine', msg: 'mine', area: 'mine' }, 'listening');
    const [line] = lines();
    expect(line).to.include({ level: 'warn', area: 'http.api', port: 9000, level_: 'mine', msg_: 'mine', area_: 'mine', msg: 'listening' });
    expect(line?.time).to.match(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('says which work a line belongs to, by its trace, which no field can forge', () => {
    let correlationId: string | undefined = 'ab'.repeat(16);
    const { logger, lines } = recordLog({ current: () => (correlationId === undefined ? undefined : { correlationId }) });
    logger.info({ trace: 'mine' }, 'inside');
    correlationId = undefined;
    logger.info({}, 'outside');
    const [inside, outside] = lines();
    expect(inside).to.include({ trace: 'ab'.repeat(16), trace_: 'mine' });
    expect(outside).not.to.have.property('trace');
  });

  it('leaves out lines below its level', () => {
    const { logger, lines } = recordLog({ level: 'warn' });
    logger.debug({}, 'a');
    logger.info({}, 'b');
    logger.warn({}, 'c');
    logger.error({}, 'd');
    expect(lines().map(({ msg }) => msg)).to.deep.equal(['c', 'd']);
  });

  it('writes no secret, wherever it stands and however deep', () => {
    const secrets = fc.array(fc.string({ unit: 'grapheme', minLength: 8, maxLength: 40 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        secrets,
        fc.string(),
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom('json' as const, 'pretty' as const),
        (known, around, depth, terminal) => {
          const { logger, written, lines } = recordLog({ redact: makeRedactor(known), terminal });
          for (const secret of known) {
            const text = `${around}${secret}${around}`;
            const error = Object.assign(new Error(text, { cause: new AggregateError([new TypeError(text)], text) }), {
              [text]: text,
              response: { body: text },
            });
            let nested: unknown = [
              text,
              error,
              new Map([[text, { text }]]),
              new Set([text]),
              new URL(`http://x/${encodeURIComponent(secret.toWellFormed())}`),
            ];
            for (let i = 0; i < depth; i++) nested = i % 2 ? [nested] : { [text]: nested };
            logger.child('area').error({ nested, error, [text]: text }, text);
          }
          // Control characters are replaced after redaction, so each text is compared as it would have been written.
          const shown = terminal === 'json' ? lines().flatMap(stringsIn) : [written()];
          const leaks = known.filter((secret) => shown.some((text) => text.includes(secret)));
          expect(leaks).to.be.empty;
        },
      ),
      { numRuns: 150 },
    );
  });

  it('writes the cause but no stack of a failure that passes, and the stack of every other error', () => {
    const { logger, lines } = recordLog();
    const cause = new AggregateError([new Error('::1 refuses')], 'all refuse');
    logger.error({ error: new PortError('unavailable', 'away', { retryable: true, cause }) }, 'x');
    logger.error({ error: new PortError('unknown', 'odd', { retryable: true }) }, 'x');
    logger.error({ error: new PortError('storage-corrupt', 'damaged', { retryable: false }) }, 'x');
    logger.error({ error: new TypeError('a mistake of ours') }, 'x');
    const told = lines().map(({ error }) => JSON.stringify(error));
    expect(told[0]).to.include('"unavailable"').and.include('::1 refuses').and.not.include('stack');
    for (const other of told.slice(1)) expect(other).to.include('"stack"');
    expect(told).to.have.length(4);
  });

  it('writes the stack of a programming error that was wrapped in a failure that passes', () => {
    const { logger, lines } = recordLog();
    const passing = (cause: unknown) => new PortError('unavailable', 'away', { retryable: true, cause });
    logger.error({ error: passing(passing(new TypeError('x is not a function'))) }, 'x');
    logger.error({ error: passing(new TypeError('fetch failed', { cause: new Error('refused') })) }, 'x');
    const [mistake, away] = lines().map(({ error }) => JSON.stringify(error));
    expect(mistake?.match(/"stack"/g)).to.have.length(1);
    expect(mistake).to.include('TypeError: x is not a function\\n    at ');
    expect(away).to.include('refused').and.not.include('stack');
  });

  it('hides fields that are secret by their name', () => {
    const { logger, written } = recordLog();
    logger.info({ headers: { Authorization: 'short', 'x-api-key': 'short', Cookie: 'short' }, token: 'short', inputTokens: 5 }, 'x');
    expect(written()).not.to.include('short');
    expect(written()).to.include('"inputTokens":5');
  });

  it("writes values that can't be serialised", () => {
    const { logger, lines } = recordLog();
    const circle: Record<string, unknown> = {
      n: 1n,
      f: () => 1,
      s: Symbol('s'),
      bytes: Buffer.alloc(5),
      d: new Date(Number.NaN),
      u: undefined,
    };
    circle.self = circle;
    const thrower = {
      get trap(): never {
        throw new Error('no');
      },
    };
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error(`refused ${KEY}`);
        },
      },
    );
    logger.info({ circle, thrower, huge: 'x'.repeat(1_000_000), many: Array.from({ length: 5000 }, (_, i) => i) }, 'odd');
    logger.info({ proxy }, 'odder');
    const [odd, odder] = lines();
    expect(odd?.circle).to.include({ n: '1', f: '[function]', bytes: '[5 bytes]', d: 'invalid date', self: '[circular]' });
    expect(odd?.thrower).to.deep.equal({ trap: '[unreadable]' });
    expect(JSON.stringify(odd).length).to.be.lessThan(50_000);
    expect(JSON.stringify(odder)).to.include('unreadable').and.not.to.include(KEY);
  });

  it('writes readable lines on a terminal, in which no text can forge a line or a colour', () => {
    const { logger, written } = recordLog({ terminal: 'pretty' });
    logger.child('turns').info({ chatId: 'telegram:7' }, 'said \u001b[31mred\u0007\r\n[00:00:00.000] INFO: forged');
    expect(written()).to.match(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: \[turns\] said .*chatId.*telegram:7.*\n$/);
    for (const control of ['\u0007', '\r', '\u001b']) expect(written()).not.to.include(control);
    expect(written().trim().split('\n')).to.have.length(1);
  });
});
