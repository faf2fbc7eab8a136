import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface SocksProxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** `host:port` of whatever was asked for. */
  readonly destinations: readonly string[];
}

/** Reads a stream in pieces of a stated length. */
const makeReader = (socket: Socket) => {
  let waiting: Buffer = Buffer.alloc(0);
  let wake: (() => void) | undefined;
  const onData = (chunk: Buffer): void => {
    waiting = Buffer.concat([waiting, chunk]);
    wake?.();
  };
  socket.on('data', onData);
  return {
    read: async (count: number): Promise<Buffer> => {
      while (waiting.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const taken = waiting.subarray(0, count);
      waiting = waiting.subarray(count);
      return taken;
    },
    untilZero: async function (): Promise<string> {
      const bytes: number[] = [];
      for (let next = await this.read(1); next[0] !== 0; next = await this.read(1)) bytes.push(next[0] ?? 0);
      return Buffer.from(bytes).toString();
    },
    /** What came and was not read. */
    end: (): Buffer => {
      socket.off('data', onData);
      return waiting;
    },
  };
};
type Reader = ReturnType<typeof makeReader>;

const hostOf = async (kind: number, reader: Reader): Promise<string> => {
  if (kind === 1) return [...(await reader.read(4))].join('.');
  if (kind === 3) return (await reader.read((await reader.read(1))[0] ?? 0)).toString();
  const bytes = await reader.read(16);
  return Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16)).join(':');
};

type Destination = { readonly host: string; readonly port: number; readonly granted: Buffer };

/** RFC 1928 and 1929: undefined where the client is nobody. */
const socks5 = async (socket: Socket, reader: Reader, login: string | undefined): Promise<Destination | undefined> => {
  const methods = await reader.read((await reader.read(1))[0] ?? 0);
  const method = login === undefined ? 0 : 2;
  socket.write(Buffer.from([5, methods.includes(method) ? method : 0xff]));
  if (!methods.includes(method)) return undefined;
  if (login !== undefined) {
    await reader.read(1);
    const name = await reader.read((await reader.read(1))[0] ?? 0);
    const password = await reader.read((await reader.read(1))[0] ?? 0);
    const isRight = `${name}:${password}` === login;
    socket.write(Buffer.from([1, isRight ? 0 : 1]));
    if (!isRight) return undefined;
  }
  const [, command, , kind = 0] = await reader.read(4);
  if (command !== 1) return undefined;
  const host = await hostOf(kind, reader);
  const port = (await reader.read(2)).readUInt16BE();
  return { host, port, granted: Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]) };
};

const socks4 = async (reader: Reader): Promise<Destination | undefined> => {
  const head = await reader.read(7);
  await reader.untilZero();
  const port = head.readUInt16BE(1);
  const address = [...head.subarray(3, 7)];
  const host = address.slice(0, 3).every((byte) => byte === 0) ? await reader.untilZero() : address.join('.');
  return { host, port, granted: Buffer.from([0, 0x5a, 0, 0, 0, 0, 0, 0]) };
};

/** A SOCKS proxy on loopback, of both versions; `login` is the `name:password` that it wants. */
export const startSocksProxy = async (login?: string): Promise<SocksProxy> => {
  const destinations: string[] = [];
  const open = new Set<Socket>();
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
  };
  const serve = async (socket: Socket): Promise<void> => {
    const reader = makeReader(socket);
    const [version] = await reader.read(1);
    const wanted = version === 5 ? await socks5(socket, reader, login) : await socks4(reader);
    if (!wanted) {
      socket.end();
      return;
    }
    destinations.push(`${wanted.host}:${wanted.port}`);
    const other = connect(wanted.port, wanted.host);
    keep(other);
    await once(other, 'connect');
    socket.write(wanted.granted);
    other.write(reader.end());
    socket.pipe(other).pipe(socket);
  };
  const server = createServer((socket) => {
    keep(socket);
    serve(socket).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    destinations,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
};
