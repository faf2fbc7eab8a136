import { createHash } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import type { Alert } from '../../domain/alert/alert.ts';
import { errorCode } from '../../domain/shared/error-code.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { REQUEST_MS } from '../../ports/adapter-kit/notice-request.ts';
import type { AlertChannel } from '../../ports/alert-channel.ts';
import { PortError } from '../../ports/port-error.ts';
import { type AlertOrigin, boundedAlert, headline, headlineOf, isoTime, originLines, stateName } from './alert-text.ts';

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte on. Otherwise it is begun by STARTTLS. */
  readonly isSecure: boolean;
  readonly user?: string;
  readonly password?: string;
}

export interface EmailOptions {
  readonly smtp: MailServer;
  readonly to: readonly string[];
  readonly from: string;
  readonly limitMs?: number;
  readonly origin?: AlertOrigin | undefined;
}

const WHO = 'the mail server';
const MAX_SUBJECT = 200;
/** A server of mail says no more than this in one reply. */
const MAX_REPLY_BYTES = 64 * 1024;

/**
 * Mails by SMTP: a channel for each address, `email`, `email-2`, …, as a server may take a mail for one and refuse it
 * for another. Each mail names all addresses. The library is loaded for the first one.
 */
export const makeEmailChannels = (options: EmailOptions): readonly AlertChannel[] =>
  [...new Set(options.to)].map((address, at) => makeEmailChannel(options, at === 0 ? 'email' : `email-${at + 1}`, address));

const makeEmailChannel = ({ smtp, to, from, limitMs = REQUEST_MS, origin }: EmailOptions, name: string, address: string): AlertChannel => ({
  name,
  sendsTogether: true,
  send: async (alerts, signal) => {
    if (signal.aborted) throw aborted();
    const { createTransport } = await import('nodemailer');
    const limit = AbortSignal.timeout(limitMs);
    const transport = createTransport(transportOf(smtp, limitMs));
    try {
      const mail = { ...mailOf(alerts.map(boundedAlert), from, origin), from, to: [...to], envelope: { from, to: [address] } };
      await transport.sendMail({ ...mail, signal: AbortSignal.any([signal, limit]) });
    } catch (error) {
      if (signal.aborted) throw aborted();
      if (limit.aborted) throw new PortError('timeout', `${WHO} did not take the mail within ${limitMs / 1_000} s`, { retryable: true });
      throw failureOf(error);
    } finally {
      transport.close();
    }
  },
});

const aborted = (): PortError => new PortError('aborted', `the mail to ${WHO} was aborted`, { retryable: true });

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const isLoopback = (host: string): boolean => {
  const kind = isIP(host);
  return kind === 0 ? host === 'localhost' : LOOPBACK.check(host, kind === 4 ? 'ipv4' : 'ipv6');
};

/** A password goes by TLS alone, but to this machine itself, whose servers have no certificate that anybody knows. */
const transportOf = ({ host, port, isSecure, user, password }: MailServer, limitMs: number) => {
  const isHere = isLoopback(host);
  return {
    host,
    port,
    secure: isSecure,
    requireTLS: !isSecure && !isHere && password !== undefined,
    ignoreTLS: !isSecure && isHere,
    connectionTimeout: limitMs,
    greetingTimeout: limitMs,
    socketTimeout: limitMs,
    dnsTimeout: limitMs,
    socketCloseTimeout: 1_000,
    maxResponseSize: MAX_REPLY_BYTES,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password } }),
  };
};

const mailOf = (alerts: readonly Alert[], from: string, origin: AlertOrigin | undefined) => {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const idOf = (states: readonly Alert[]): string => {
    const names = [...states.map(stateName).toSorted(), ...(origin ? [origin.instance] : [])].join(' ');
    return `<kept.${createHash('sha256').update(names).digest('hex').slice(0, 32)}@${domain}>`;
  };
  const [first] = alerts;
  // The end of an alert stands below its beginning, where that had a mail of its own.
  const isReply = alerts.length === 1 && first?.status === 'resolved';
  const begun = isReply ? idOf([{ ...first, status: 'firing' }]) : undefined;
  return {
    subject: excerpt(`[Kept] ${headlineOf(alerts)}`, MAX_SUBJECT),
    text: `${[...alerts.map(textOf), ...originLines(origin)].join('\n\n')}\n`,
    messageId: idOf(alerts),
    ...(begun === undefined ? {} : { inReplyTo: begun, references: [begun] }),
    // So that nobody's holiday notice answers an alert.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
};

const textOf = (alert: Alert): string => {
  const { status, key, detail, startedAt, resolvedAt } = alert;
  const over = resolvedAt === undefined ? [] : [`Over since: ${isoTime(resolvedAt)}`];
  return [headline(alert), ...(status === 'firing' ? [detail] : []), `Alert: ${key}`, `Since: ${isoTime(startedAt)}`, ...over].join('\n');
};

/** What went wrong: by numbers and names of commands. The words of the server may quote anything. */
const failureOf = (error: unknown): PortError => {
  const { responseCode, command } = (error instanceof Error ? error : {}) as {
    readonly responseCode?: unknown;
    readonly command?: unknown;
  };
  const code = errorCode(error);
  const reply = typeof responseCode === 'number' ? responseCode : undefined;
  const at = typeof command === 'string' && /^[A-Z ]{2,20}$/.test(command) ? ` at ${command}` : '';
  if (code === 'ETLS')
    return new PortError('unavailable', `${WHO} can't be reached by TLS: look at its certificate, and at SMTP_URL`, { retryable: true });
  if (reply === undefined)
    return new PortError('unavailable', `${WHO} can't be reached, or broke off${at}${code === undefined ? '' : `: ${code}`}`, {
      retryable: true,
    });
  // RFC 5321: 5yz is final; 503 says that the session was out of step.
  const isFinal = reply >= 500 && reply !== 503;
  if (isFinal && code === 'EAUTH')
    return new PortError('unauthorised', `${WHO} refused the credentials (${reply}): look at SMTP_URL`, { retryable: false });
  return new PortError(
    isFinal ? 'invalid-request' : 'unavailable',
    `${WHO} answered ${reply}${at}${isFinal ? ': look at SMTP_URL, ALERT_EMAIL_TO and ALERT_EMAIL_FROM' : ''}`,
    {
      retryable: !isFinal,
    },
  );
};
