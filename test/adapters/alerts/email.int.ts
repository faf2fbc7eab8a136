import { expect } from 'chai';
import { type MailServer, makeEmailChannels } from '../../../src/adapters/alerts/index.ts';
import type { Alert } from '../../../src/domain/index.ts';
import { type AlertChannel, isPortError, type PortError } from '../../../src/ports/index.ts';
import { openMailServer, openScriptedServer, type ReceivedMail } from '../../fakes/alerts/smtp.ts';
import { anAlert, itsEnd, PATIENT_MS } from './http-channel.contract.ts';

const PASSWORD = 'open-sesame-4711';
const SIGNED_IN = { user: 'ann@example.org', password: PASSWORD };
const GREETING = '220 mail ESMTP\r\n';

const channelsAt = (port: number, more: Partial<MailServer> = {}, limitMs = 1_500) =>
  makeEmailChannels({
    smtp: { host: '127.0.0.1', port, isSecure: false, ...more },
    to: ['ann@example.org', 'ben@example.org'],
    from: 'kept@example.org',
    limitMs,
  });

/** That of the first address. */
const channelAt = (...options: Parameters<typeof channelsAt>): AlertChannel => {
  const [first] = channelsAt(...options);
  if (!first) throw new Error('there is no channel');
  return first;
};

const send = (channel: AlertChannel, alerts: readonly Alert[] = [anAlert()], signal = new AbortController().signal) =>
  channel.send(alerts, signal);

const refusalOf = async (sent: Promise<void>): Promise<PortError> => {
  const error: unknown = await sent.then(
    () => new Error('it was taken'),
    (reason: unknown) => reason,
  );
  if (!isPortError(error)) throw error;
  return error;
};

/** A field of the head. */
const fieldOf = (raw: string, name: string): string | undefined => {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n'));
  return new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, 'mi').exec(head)?.[1]?.replace(/\r\n[ \t]/g, ' ');
};

/** As it is read: quoted-printable breaks long lines. */
const bodyOf = (mail: ReceivedMail | undefined): string => (mail?.raw ?? '').replace(/=\r\n/g, '');

describe('The alert channel email', () => {
  it('mails what belongs together in one mail, and the end of an alert below its beginning', async () => {
    await using server = await openMailServer();
    const channel = channelAt(server.port);
    await send(channel, [anAlert()]);
    await send(channel, [itsEnd(anAlert())]);
    await send(channel, [anAlert(), anAlert({ key: 'queue.worker', title: 'No worker is running', severity: 'error' })]);
    expect(server.problems()).to.deep.equal([]);
    const [begun, over, both] = server.mails();
    expect([begun?.from, begun?.to]).to.deep.equal(['kept@example.org', ['ann@example.org']]);
    expect(fieldOf(begun?.raw ?? '', 'To')).to.equal('ann@example.org, ben@example.org');
    const subjects = server.mails().map(({ raw }) => fieldOf(raw, 'Subject'));
    expect(subjects).to.deep.equal([
      '[Kept] CRITICAL A gateway is silent: telegram',
      '[Kept] OVER A gateway is silent: telegram',
      '[Kept] CRITICAL A gateway is silent: telegram, and 1 more',
    ]);
    expect(fieldOf(over?.raw ?? '', 'In-Reply-To')).to.equal(fieldOf(begun?.raw ?? '', 'Message-ID'));
    expect(bodyOf(begun)).to.include('Alert: gateway.silent:telegram').and.include('Since: 2026-11-30T12:00:00.000Z');
    expect(bodyOf(over)).to.include('Over since: 2026-11-30T12:10:00.000Z');
    expect(bodyOf(both)).to.include('ERROR No worker is running');
  });

  it('is one for each address: the server may take a mail for one and not yet for another', async () => {
    let isGreylisted = true;
    await using server = await openMailServer({
      onRcptTo: ({ address }, _, done) =>
        isGreylisted && address === 'ben@example.org' ? done(Object.assign(new Error('later'), { responseCode: 450 })) : done(),
    });
    const channels = channelsAt(server.port);
    expect(channels.map(({ name }) => name)).to.deep.equal(['email', 'email-2']);
    const [ann, ben] = channels as [AlertChannel, AlertChannel];
    await send(ann);
    const refused = await refusalOf(send(ben));
    expect([refused.retryable, refused.message.includes('450')], refused.message).to.deep.equal([true, true]);
    isGreylisted = false;
    await send(ben);
    expect(server.mails().map(({ to }) => to)).to.deep.equal([['ann@example.org'], ['ben@example.org']]);
    const [toAnn, toBen] = server.mails().map(({ raw }) => ['To', 'Message-ID'].map((name) => fieldOf(raw, name)));
    expect(toAnn).to.deep.equal(toBen);
  });

  it('is one for an address that is given twice', () => {
    const to = ['ann@example.org', 'ann@example.org'];
    expect(makeEmailChannels({ smtp: { host: '127.0.0.1', port: 25, isSecure: false }, to, from: 'kept@example.org' })).to.have.length(1);
  });

  it('names the same state of the same incident by the same id', async () => {
    await using server = await openMailServer();
    for (const alert of [anAlert(), anAlert(), anAlert({ startedAt: 1 })]) await send(channelAt(server.port), [alert]);
    const ids = server.mails().map(({ raw }) => fieldOf(raw, 'Message-ID'));
    expect([ids[0] === ids[1], new Set(ids).size]).to.deep.equal([true, 2]);
  });

  it('lets nothing in an alert become a field of the mail, however huge it is', async () => {
    await using server = await openMailServer();
    const text = 'Down\r\nBcc: eve@example.org\r\n\r\n.\r\nMAIL FROM:<eve@example.org>\u0000\ud83d ü 世界 '.repeat(500);
    await send(
      channelAt(server.port),
      Array.from({ length: 20 }, (_, at) => anAlert({ key: `queue.worker:${at}`, title: text, detail: text })),
    );
    expect([server.problems(), server.mails().length]).to.deep.equal([[], 1]);
    const [mail] = server.mails();
    expect(mail?.to).to.deep.equal(['ann@example.org']);
    expect(fieldOf(mail?.raw ?? '', 'Bcc')).to.equal(undefined);
    expect(mail?.raw.length).to.be.at.most(250_000);
  });

  it('signs in, and says no secret where it may not', async () => {
    const given: unknown[] = [];
    await using server = await openMailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _, done) => {
        given.push([username, password]);
        if (password === PASSWORD) done(null, { user: username });
        else done(new Error(`${username} and ${password} are wrong`));
      },
    });
    await send(channelAt(server.port, SIGNED_IN));
    expect([given, server.mails().length]).to.deep.equal([[['ann@example.org', PASSWORD]], 1]);
    const refused = await refusalOf(send(channelAt(server.port, { ...SIGNED_IN, password: 'wrong-4711-sesame' })));
    expect([refused.code, refused.retryable]).to.deep.equal(['unauthorised', false]);
    expect(`${refused.message} ${refused.stack} ${JSON.stringify(refused)} ${String(refused.cause)}`).not.to.match(
      /wrong-4711|ann@example|d3Jvbmct/,
    );
  });

  it('gives no password to a server of another machine without TLS', async () => {
    await using server = await openScriptedServer([
      GREETING,
      '250-mail\r\n250 AUTH PLAIN LOGIN\r\n',
      '502 no STARTTLS\r\n',
      '235 hello\r\n',
    ]);
    // No loopback address; connections to it end at this machine.
    const refused = await refusalOf(send(channelAt(server.port, { ...SIGNED_IN, host: '0.0.0.0' })));
    expect(refused.message).to.include('by TLS').and.include('SMTP_URL');
    expect(server.heard()).to.include('STARTTLS').and.not.include('AUTH');
  });

  for (const [reply, isRetryable] of [
    ['450 try later', true],
    ['421 shutting down', true],
    ['550 no such mailbox ann@example.org', false],
    ['554 refused', false],
    ['503 out of step', true],
  ] as const)
    it(`${isRetryable ? 'may be asked again' : 'is not asked again'} after ${reply.slice(0, 3)}`, async () => {
      await using server = await openScriptedServer([GREETING, '250 mail\r\n', '250 ok\r\n', `${reply}\r\n`, `${reply}\r\n`]);
      const refused = await refusalOf(send(channelAt(server.port)));
      expect([refused.retryable, refused.message.includes(reply.slice(0, 3))], refused.message).to.deep.equal([isRetryable, true]);
      expect(refused.message).not.to.include('ann@example.org');
    });

  it('waits no longer than its limit, wherever the server falls silent, and leaves no connection behind', async () => {
    const stages = [GREETING, '250 mail\r\n', '250 ok\r\n', '250 ok\r\n', '354 go on\r\n'];
    for (const told of [0, 1, 2, 3, 4, 5]) {
      await using server = await openScriptedServer(stages.slice(0, told));
      const refused = await refusalOf(send(channelAt(server.port, {}, 250)));
      expect([refused.code, refused.retryable], `after ${told}: ${refused.message}`).to.deep.equal(['timeout', true]);
      await server.untilClosed();
    }
  });

  it('gives up as soon as it is aborted', async () => {
    await using server = await openScriptedServer([]);
    const stopping = new AbortController();
    const sent = refusalOf(send(channelAt(server.port, {}, PATIENT_MS), [anAlert()], stopping.signal));
    stopping.abort(new Error('this process stops'));
    expect((await sent).code).to.equal('aborted');
    expect((await refusalOf(send(channelAt(server.port), [anAlert()], AbortSignal.abort()))).code).to.equal('aborted');
  });

  it('says that it may be asked again where nobody listens, or what answers is no mail server', async () => {
    const port = await (async () => {
      await using closed = await openScriptedServer([]);
      return closed.port;
    })();
    const unreachable = await refusalOf(send(channelAt(port)));
    expect([unreachable.code, unreachable.retryable], unreachable.message).to.deep.equal(['unavailable', true]);
    await using web = await openScriptedServer(['HTTP/1.1 400 Bad Request\r\n\r\n']);
    const broken = await refusalOf(send(channelAt(web.port)));
    expect([broken.code, broken.retryable], broken.message).to.deep.equal(['unavailable', true]);
  });
});
