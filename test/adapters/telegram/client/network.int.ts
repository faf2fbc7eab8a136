import { expect } from 'chai';
import type { TelegramSettings } from '../../../../src/adapters/telegram/index.ts';
import { startSocksProxy } from '../../../support/socks-proxy.ts';
import { ANN, BOT, type Life, logged, onStage, type Stage } from '../gateway-stage.ts';

const isUp = (life: Life) => (): boolean => life.gateway.health().status === 'ok';

const hello = async (stage: Stage, life: Life, text: string): Promise<void> => {
  await life.until('connected', isUp(life)).catch(() => expect.fail(logged(life).slice(0, 900)));
  stage.server.world.sendMessage({ from: ANN, chat: BOT, text });
  await life.untilReceived(text);
};

const storedIn = async ({ state }: Stage, key: string): Promise<string> => (await state.get(key)) ?? '';

/** A life is up, and has been told where the data centre is. */
const told = async (stage: Stage, life: Life, port: number): Promise<void> => {
  await hello(stage, life, `told of ${port}`);
  let addresses = '';
  const look = setInterval(async () => {
    addresses = await storedIn(stage, 'addresses');
  }, 5);
  await life.until('the addresses are kept', () => addresses.includes(`"port":${port}`)).finally(() => clearInterval(look));
};

describe('Telegram’s addresses', () => {
  it('are told by Telegram: one that fails is replaced by another of its data centre, which is kept', () =>
    onStage({}, async (stage) => {
      const other = await stage.server.openDoor();
      stage.server.alsoAt.push({ id: 2, host: other.host, port: other.port });
      const life = await stage.start();
      await told(stage, life, other.port);
      await stage.server.goDown();
      await life.until('the loss is noticed', () => !isUp(life)());
      await hello(stage, life, 'by another address');
      expect(JSON.parse(await storedIn(stage, 'session'))).to.include({ dcId: 2, port: other.port });
      await stage.stop(life);
      await hello(stage, await stage.start(), 'at once');
    }));

  for (const update of ['updateConfig', 'updateDcOptions'] as const)
    it(`are asked for again after ${update}`, () =>
      onStage({}, async (stage) => {
        const life = await stage.start();
        await told(stage, life, stage.server.port);
        const other = await stage.server.openDoor();
        stage.server.alsoAt.push({ id: 2, host: other.host, port: other.port });
        stage.server.tellUpdate(BOT, update === 'updateConfig' ? { _: update } : { _: update, dcOptions: [] });
        await told(stage, life, other.port);
        await stage.server.goDown();
        await hello(stage, life, 'by the new address');
      }));

  it('are left where Telegram names them no more', () =>
    onStage({}, async (stage) => {
      const [old, next] = [await stage.server.openDoor(), await stage.server.openDoor()];
      const session = JSON.parse(await storedIn(stage, 'session'));
      await stage.state.set(new Map([['session', JSON.stringify({ ...session, port: old.port })]]));
      stage.server.dataCentres.delete(2);
      stage.server.alsoAt.push({ id: 2, host: next.host, port: next.port });
      const first = await stage.start();
      await told(stage, first, next.port);
      await stage.stop(first);
      await hello(stage, await stage.start(), 'at the next start');
      expect(JSON.parse(await storedIn(stage, 'session'))).to.include({ port: next.port });
    }));

  it('may be IPv6', () =>
    onStage({ preset: false }, async (stage) => {
      const door = await stage.server.openDoor({ host: '::1' });
      const dc = { ...stage.settings.dc, address: door.address };
      const life = await stage.start({ settings: { ...stage.settings, dc, ipv6: true } });
      await hello(stage, life, 'over IPv6');
    }));
});

describe('The way to Telegram', () => {
  const secret = Buffer.from('0123456789abcdef0123456789abcdef', 'hex');

  it('is plain TCP where nothing is said, and may be obfuscated', () =>
    onStage({}, async (stage) => {
      const plain = await stage.start();
      await hello(stage, plain, 'plain');
      await stage.stop(plain);
      await hello(stage, await stage.start({ settings: { ...stage.settings, transport: 'obfuscated' } }), 'obfuscated');
      expect(stage.server.transports.items).to.deep.equal(['full', 'obfuscated abridged']);
    }));

  for (const [kind, login] of [
    ['socks5', undefined],
    ['socks5', 'ann:her password'],
    ['socks4', undefined],
  ] as const)
    it(`goes through a ${kind} proxy${login === undefined ? '' : ' that wants a password'}`, () =>
      onStage({ preset: false }, async (stage) => {
        await using proxy = await startSocksProxy(login);
        const [username, password] = login?.split(':') ?? [];
        const settings: TelegramSettings = {
          ...stage.settings,
          proxy: {
            kind,
            host: proxy.host,
            port: proxy.port,
            ...(username === undefined || password === undefined ? {} : { username, password }),
          },
        };
        const life = await stage.start({ settings });
        await hello(stage, life, 'through the proxy');
        expect(new Set(proxy.destinations)).to.deep.equal(new Set([stage.server.address]));
        await stage.stop(life);
      }));

  it('says that a proxy does not let it in, and nowhere with which password', () =>
    onStage({ preset: false }, async (stage) => {
      await using proxy = await startSocksProxy('ann:her password');
      const settings: TelegramSettings = {
        ...stage.settings,
        proxy: { kind: 'socks5', host: proxy.host, port: proxy.port, username: 'ann', password: 'another one' },
      };
      const life = await stage.start({ settings });
      expect(life.gateway.health().message).to.match(/not connected/);
      await stage.stop(life);
      const shown = JSON.stringify(life.lines, (_, value: unknown) =>
        value instanceof Error
          ? Object.fromEntries(Object.getOwnPropertyNames(value).map((name) => [name, Reflect.get(value, name)]))
          : value,
      );
      expect(shown).to.not.include('another one');
    }));

  for (const [form, written, padded] of [
    ['alone', secret.toString('hex'), false],
    ['behind dd', `dd${secret.toString('hex')}`, true],
    ['in base64', Buffer.concat([Buffer.from([0xdd]), secret]).toString('base64url'), true],
  ] as const)
    it(`goes through an MTProxy whose secret stands ${form}`, () =>
      onStage({ preset: false }, async (stage) => {
        const door = await stage.server.openDoor({ proxy: { secret, padded } });
        const settings: TelegramSettings = {
          ...stage.settings,
          proxy: { kind: 'mtproxy', host: door.host, port: door.port, secret: written },
        };
        const life = await stage.start({ settings });
        await hello(stage, life, 'through the proxy');
        expect(new Set(stage.server.transports.items)).to.deep.equal(new Set([padded ? 'obfuscated padded' : 'obfuscated abridged']));
        await stage.stop(life);
      }));
});
