import { createServer, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came, its head included. */
  readonly raw: string;
}

/** Mails that it takes have lines of this length at most (RFC 5322). */
const MAX_LINE = 998;

/**
 * A mail server on loopback: smtp-server, which keeps what it takes. It refuses bare line feeds, lines that are too
 * long, characters in a head that no head may have, and a mail without the fields that every one has.
 */
export const openMailServer = async (options: SMTPServerOptions = {}) => {
  const mails: ReceivedMail[] = [];
  const problems: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 10,
    ...options,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        const problem = problemOf(raw);
        const { mailFrom, rcptTo } = session.envelope;
        if (problem === undefined) mails.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), raw });
        else problems.push(problem);
        done(problem === undefined ? null : Object.assign(new Error(problem), { responseCode: 550 }));
      });
    },
  });
  // Clients that break off are what some tests are about.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    mails: (): readonly ReceivedMail[] => mails,
    problems: (): readonly string[] => problems,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
};

const problemOf = (raw: string): string | undefined => {
  const end = raw.indexOf('\r\n\r\n');
  const head = raw.slice(0, end);
  if (end < 0 || /(^|[^\r])\n|\r(?!\n)/.test(raw)) return 'a line does not end as lines do';
  if (raw.split('\r\n').some((line) => line.length > MAX_LINE)) return 'a line is too long';
  if (/[^\x20-\x7e\r\n\t]/.test(head)) return 'the head holds what no head may hold';
  const missing = ['From', 'To', 'Subject', 'Date', 'Message-ID', 'Auto-Submitted'].find(
    (name) => !new RegExp(`^${name}: `, 'mi').test(head),
  );
  return missing === undefined ? undefined : `${missing} is missing`;
};

/** A server that answers with these lines: the first at once, one for each that it gets, and then none. */
export const openScriptedServer = async (replies: readonly string[]) => {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const ends: Promise<unknown>[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    ends.push(new Promise((resolve) => socket.once('close', resolve)));
    const left = [...replies];
    const next = (): void => {
      const reply = left.shift();
      if (reply !== undefined) socket.write(reply);
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      heard.push(chunk.toString());
      next();
    });
    next();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    heard: (): string => heard.join(''),
    /** Resolves once the other side has ended every connection. */
    untilClosed: () => Promise.all(ends),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
