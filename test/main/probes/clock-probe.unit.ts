import { expect } from 'chai';
import { isThisMachine } from '../../../src/adapters/system/index.ts';
import { makeRunProbes } from '../../../src/application/index.ts';
import { clockProbe, judgeClock } from '../../../src/main/probes/clock-probe.ts';
import { makeFixedClock, START } from '../../../src/testing/index.ts';
import { configOf } from '../../support/site-config.ts';

const HOUR = 3_600_000;
const offsets = (...all: readonly number[]) => all.map((ms, at) => ({ by: 'ABCDE'.charAt(at), ms }));

describe('the clock of this machine', () => {
  const rows: readonly (readonly [string, readonly number[], RegExp])[] = [
    ['nobody tells the time', [], /^skipped: nobody who was asked told the time$/],
    ['it agrees with the only one', [1_500], /^ok: agrees with A to 2 s$/],
    ['one alone tells another time', [HOUR], /^warn: .* is 3600 s ahead of that of A, and nobody else says so$/],
    ['two tell another time', [HOUR, HOUR - 2_000], /^fail: .* is 3598 s ahead of those of A, B$/],
    ['two tell a time that is off by less than Telegram minds', [-20_000, -21_000], /^warn: .* is 20 s behind those of A, B$/],
    ['one of two is wrong', [0, HOUR], /^ok: agrees with A to 0 s; B tells another time$/],
    ['one of three is wrong', [-HOUR, 1_000, 900], /^ok: agrees with B, C to 1 s; A tells another time$/],
    ['two of three say that it is wrong', [0, -HOUR, 1_000 - HOUR], /^fail: .* is 3599 s behind those of B, C; A tells another time$/],
    ['everybody says something else', [-HOUR, HOUR, 2 * HOUR], /^warn: .* ahead of that of B, and nobody else says so; A, C tell/],
    ['many agree', [0, 0, 0, 0, 0], /^ok: agrees with A, B, C and 2 more to 0 s$/],
  ];
  for (const [what, found, expected] of rows)
    it(`is judged where ${what}`, () => {
      const { status, message } = judgeClock(offsets(...found));
      expect(`${status}: ${message}`).to.match(expected);
    });

  const look = async (env: Readonly<Record<string, string>>, time: Partial<Parameters<typeof clockProbe>[0]> = {}) => {
    const clock = makeFixedClock();
    const probe = clockProbe({ config: configOf({ KEPT_DATA_DIR: '/nowhere/kept', ...env }, '/nowhere'), clock, ...time });
    const [reading] = await makeRunProbes({ clock })([probe]);
    return `${reading?.check.status}: ${reading?.check.message}`;
  };
  const LOCAL_MODEL = { KEPT_MODELS: 'openai', OPENAI_API_KEY: 'k', OPENAI_MODEL: 'm', OPENAI_BASE_URL: 'http://localhost:1/v1' };

  it('is not compared with this machine itself', async () => {
    const asked = 'skipped: only this machine itself could be asked';
    expect(await look(LOCAL_MODEL)).to.equal(asked);
    for (const url of ['postgres://kept@127.0.0.1:1/kept', 'postgres:///kept?host=/var/run/postgresql'])
      expect(await look({ ...LOCAL_MODEL, DATABASE_URL: url })).to.equal(asked);
  });

  it('is compared with that of Telegram, where there is a connection', async () => {
    const telegramTime = async (): Promise<number> => START - HOUR;
    expect(await look(LOCAL_MODEL, { telegramTime })).to.match(/^warn: .* is 3600 s ahead of that of Telegram, and nobody else says so$/);
    const away = () => Promise.reject(new Error('not connected'));
    expect(await look(LOCAL_MODEL, { telegramTime: away })).to.equal('skipped: nobody who was asked told the time');
  });

  it('is shared by the names and addresses of this machine', async () => {
    for (const host of ['localhost', '127.3.2.1', '::1', '[::1]', '0.0.0.0', '', '/var/run/postgresql'])
      expect(await isThisMachine(host), host).to.equal(true);
    expect(await isThisMachine('192.0.2.1')).to.equal(false);
  });
});
