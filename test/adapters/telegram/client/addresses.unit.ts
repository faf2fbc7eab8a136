import { expect } from 'chai';
import { Api } from 'telegram/tl/index.js';
import { makeMemoryStorage } from '../../../../src/adapters/memory/index.ts';
import { makeAddresses } from '../../../../src/adapters/telegram/client/addresses.ts';
import { DEFAULT_TIMING } from '../../../../src/adapters/telegram/client/settings.ts';
import type { TelegramSettings } from '../../../../src/adapters/telegram/index.ts';
import { silentNotice } from '../../../../src/ports/index.ts';
import { makeFixedClock, makeSeededRandomness } from '../../../../src/testing/index.ts';

type Listed = Partial<Api.DcOption> & { readonly ipAddress: string };

const option = ({ id = 2, port = 443, ...rest }: Listed): Api.DcOption => new Api.DcOption({ id, port, ...rest });

const open = (settings: Partial<TelegramSettings> = {}, listed: readonly Listed[] = []) => {
  const state = makeMemoryStorage().state('telegram');
  const clock = makeFixedClock();
  let asked = 0;
  const addresses = makeAddresses({
    state,
    clock,
    randomness: makeSeededRandomness(1),
    notice: silentNotice,
    timing: DEFAULT_TIMING,
    settings: { apiId: 1, apiHash: 'hash', account: { kind: 'user' }, ...settings },
  });
  const call = async () => {
    asked += 1;
    return { dcOptions: listed.map(option) } as never;
  };
  return { addresses, clock, refresh: () => addresses.refresh(call), asked: () => asked };
};

const session = { dcId: 2, host: '149.154.167.51', port: 443, authKey: 'key' };
const hosts = async ({ addresses }: ReturnType<typeof open>, from = session): Promise<readonly string[]> =>
  Promise.all([0, 1, 2, 3].map(async (failures) => (await addresses.placed(from, failures)).host));

describe('The addresses of a data centre', () => {
  const listed = [
    { ipAddress: '149.154.167.50' },
    { ipAddress: '149.154.167.51' },
    { ipAddress: '149.154.175.50', id: 1 },
    { ipAddress: '2001:67c:4e8:f002::a', ipv6: true },
    { ipAddress: '149.154.167.222', mediaOnly: true },
    { ipAddress: '149.154.167.223', cdn: true },
    { ipAddress: '149.154.167.224', secret: Buffer.alloc(16) },
    { ipAddress: '149.154.167.225', tcpoOnly: true },
  ];

  it('begin with the session’s, and come around; servers for files, of other centres and for others are none', async () => {
    const stage = open({}, listed);
    await stage.refresh();
    expect(await hosts(stage)).to.deep.equal(['149.154.167.51', '149.154.167.50', '149.154.167.51', '149.154.167.50']);
  });

  it('begin with those that Telegram names, where it names the session’s no more', async () => {
    const stage = open({}, [{ ipAddress: '149.154.167.50' }]);
    await stage.refresh();
    expect(await hosts(stage)).to.deep.equal(['149.154.167.50', '149.154.167.51', '149.154.167.50', '149.154.167.51']);
  });

  it('are the session’s and the well-known one while Telegram has told nothing', async () => {
    expect(await hosts(open(), { ...session, host: '149.154.167.50' })).to.deep.equal([
      ...['149.154.167.50', '149.154.167.51', '149.154.167.50', '149.154.167.51'],
    ]);
  });

  it('are those of IPv6 where that is wanted, told or not', async () => {
    const [first, second] = await hosts(open({ ipv6: true }));
    expect([first, second]).to.deep.equal(['2001:067c:04e8:f002:0000:0000:0000:000a', '149.154.167.51']);
    const stage = open({ ipv6: true }, listed);
    await stage.refresh();
    expect((await hosts(stage))[0]).to.equal('2001:67c:4e8:f002::a');
  });

  it('begin with the configured one, whatever Telegram names', async () => {
    const stage = open({ dc: { address: '127.0.0.1:4430' } }, listed);
    await stage.refresh();
    const placed = await stage.addresses.placed({ ...session, host: '127.0.0.1', port: 4430 }, 0);
    expect(placed).to.deep.include({ host: '127.0.0.1', port: 4430, authKey: 'key' });
  });

  it('are those that do not change behind a proxy, and take in those for obfuscation where that is spoken', async () => {
    const fixed = [{ ipAddress: '149.154.167.50' }, { ipAddress: '149.154.167.51', static: true }];
    const behind = open({ proxy: { kind: 'socks5', host: 'h', port: 1 } }, fixed);
    await behind.refresh();
    expect(new Set(await hosts(behind))).to.deep.equal(new Set(['149.154.167.51']));
    const obfuscated = open({ transport: 'obfuscated' }, listed);
    await obfuscated.refresh();
    expect(await hosts(obfuscated)).to.include('149.154.167.225');
  });

  it('are asked for once a day, and when an update says that they have changed', async () => {
    const { addresses, clock, refresh, asked } = open({}, listed);
    await refresh();
    await refresh();
    expect(asked()).to.equal(1);
    clock.advance(24 * 60 * 60_000);
    await refresh();
    expect(asked()).to.equal(2);
    expect(addresses.heed(new Api.UpdateShort({ update: new Api.UpdateConfig(), date: 0 }))).to.equal(true);
    await refresh();
    expect(asked()).to.equal(3);
    expect(addresses.heed(new Api.UpdatesTooLong())).to.equal(false);
    await refresh();
    expect(asked()).to.equal(3);
  });
});
