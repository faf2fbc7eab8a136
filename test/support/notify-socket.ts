import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { until } from './chat-api.ts';
import { endWithUs } from './own-directory.ts';

/** What a service manager was told in one word, and when. */
export interface Told {
  /** On the clock of this machine, in ms. */
  readonly at: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** The receiving end of `NOTIFY_SOCKET`: a datagram socket, as systemd has it. */
export interface NotifySocket {
  readonly path: string;
  readonly told: readonly Told[];
  /** Resolves to the first word with that field, of those from `from` on. */
  word(field: string, from?: number, limitMs?: number): Promise<Told>;
  close(): void;
}

/** Prints each datagram on a line, and closes the descriptors that come with it: that is how systemd says "taken". */
const RECEIVER = `
import socket, sys, os, array
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print('bound', flush=True)
while True:
    data, ancillary, _, _ = receiver.recvmsg(4096, socket.CMSG_SPACE(64))
    for level, kind, passed in ancillary:
        if kind == socket.SCM_RIGHTS:
            fds = array.array('i')
            fds.frombytes(passed[:len(passed) - len(passed) % fds.itemsize])
            for fd in fds: os.close(fd)
    print(data.decode().replace('\\n', '\\x1f'), flush=True)
`;

export const openNotifySocket = async (path: string): Promise<NotifySocket> => {
  const child = spawn('python3', ['-c', RECEIVER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  endWithUs(child);
  const told: Told[] = [];
  const lines = createInterface({ input: child.stdout });
  await once(lines, 'line');
  lines.on('line', (line) => {
    const fields = line.split('\x1f').flatMap((each) => {
      const at = each.indexOf('=');
      return at > 0 ? [[each.slice(0, at), each.slice(at + 1)] as const] : [];
    });
    told.push({ at: Date.now(), fields: Object.fromEntries(fields) });
  });
  return {
    path,
    told,
    word: (field, from = 0, limitMs = 30_000) =>
      until(`${field} of the service manager`, async () => told.slice(from).find(({ fields }) => field in fields), limitMs),
    close: () => void child.kill(),
  };
};
