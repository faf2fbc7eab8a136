import 'reflect-metadata';
import { strict as assert } from 'node:assert';
import { Container } from 'inversify';
import { bind, token } from '../../src/main/bind.ts';

interface Parts {
  readonly port: number;
  readonly host: string;
  readonly title?: string | undefined;
}

const T = {
  port: token<number>('port'),
  host: token<string>('host'),
  maybeTitle: token<string | undefined>('title'),
  address: token<string>('address'),
};
const makeAddress = ({ host, port, title = '' }: Parts): string => `${title}${host}:${port}`;

describe('bind', () => {
  const withParts = (): Container => {
    const container = new Container();
    bind(container, T.port, {}, () => 9_000);
    bind(container, T.host, {}, async () => 'localhost');
    bind(container, T.maybeTitle, {}, () => undefined);
    return container;
  };

  it('hands each part over by its name, whatever the order', async () => {
    const container = withParts();
    bind(container, T.address, { port: T.port, host: T.host }, makeAddress);
    assert.equal(await container.getAsync(T.address), 'localhost:9000');
  });

  it('makes one instance, when it is first asked for', async () => {
    const container = withParts();
    let made = 0;
    bind(container, T.address, { host: T.host }, ({ host }) => `${host}, made ${++made} times`);
    assert.equal(made, 0);
    await container.getAsync(T.address);
    assert.equal(await container.getAsync(T.address), 'localhost, made 1 times');
  });

  it('is checked by the compiler: parts that are missing, misspelt or swapped', () => {
    const container = withParts();
    bind(container, T.address, { host: T.host, port: T.port, title: T.maybeTitle }, makeAddress);
    // @ts-expect-error: `port` is missing.
    bind(container, T.address, { host: T.host }, makeAddress);
    // @ts-expect-error: there is no `titel`.
    bind(container, T.address, { host: T.host, port: T.port, titel: T.maybeTitle }, makeAddress);
    // @ts-expect-error: `port` is a number.
    bind(container, T.address, { host: T.host, port: T.host }, makeAddress);
    // @ts-expect-error: what is made is not a number.
    bind(container, T.port, { host: T.host, port: T.port }, makeAddress);
    bind(container, T.address, { host: T.host }, ({ host }) => host.toUpperCase());
    // @ts-expect-error: `host` alone is there.
    bind(container, T.address, { host: T.host }, ({ port }) => `${port}`);
  });
});
