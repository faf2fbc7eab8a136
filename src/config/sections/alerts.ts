import type { ChatId } from '../../domain/chat/ids.ts';
import { present } from '../../domain/shared/present.ts';
import { type ConfigProblem, error, warning } from '../problems.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { Values } from '../section.ts';
import { decodedPart, httpUrl, list, secret, secretKind, shaped } from '../variable-kinds.ts';

const MAX_RECIPIENTS = 20;
const MAIL_ADDRESS = /^[^\s@<>(),;:"[\]\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/;

/** An address of the web of which a part is as good as a key, or that holds a user name and a password. */
export const secretAddress = () =>
  secretKind((value) => {
    const url = URL.parse(value);
    if (!url || !/^https?:$/.test(url.protocol) || /\s/.test(value))
      return refuse('is not an http or https address', 'give an address like https://host/path');
    const parts = [url.username, url.password].map(decodedPart);
    return parts.includes(undefined)
      ? refuse('holds a % that stands for no character', 'write %25 for the sign itself')
      : value.replace(/#.*$/, '');
  }, 'http(s) address');

/** How a mail server is reached. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte on. Otherwise it is begun by STARTTLS. */
  readonly isSecure: boolean;
  readonly user?: string;
  readonly password?: string;
}

const smtpAddress = (value: string): SmtpSettings | Refusal => {
  const refusal = (problem: string): Refusal =>
    refuse(problem, 'give an address like smtp://host:587, with user:password@ before the host; smtps:// is TLS from the first byte on');
  const url = URL.parse(value);
  const isSecure = url?.protocol === 'smtps:';
  if (!url || (!isSecure && url.protocol !== 'smtp:') || url.hostname === '') return refusal('is not the address of a mail server');
  if (/^\/?$/.test(url.pathname) === false || url.search !== '' || url.hash !== '') return refusal('holds more than a host and a port');
  const [user, password] = [url.username, url.password].map(decodedPart);
  if (user === undefined || password === undefined) return refusal('holds a % that stands for no character: write %25 for the sign itself');
  if ((user === '') !== (password === '')) return refusal('holds a user name without a password, or a password without a user name');
  const port = url.port === '' ? (isSecure ? 465 : 587) : Number(url.port);
  if (port === 0) return refusal('names port 0');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port, isSecure, ...(user === '' ? {} : { user, password }) };
};

/** The channels by which alerts leave, and who watches over whoever watches. */
export const alertVariables = {
  ALERT_WEBHOOK_URL: secretAddress(),
  ALERT_WEBHOOK_SECRET: secret(),
  ALERT_SLACK_WEBHOOK_URL: secretAddress(),
  ALERT_PAGERDUTY_ROUTING_KEY: secret(),
  ALERT_PAGERDUTY_URL: httpUrl('ALERT_PAGERDUTY_ROUTING_KEY'),
  ALERT_EMAIL_TO: list('e-mail addresses', (part) =>
    MAIL_ADDRESS.test(part)
      ? undefined
      : refuse('holds what is no e-mail address', 'give addresses like ann@example.org, with a comma between them'),
  ),
  ALERT_EMAIL_FROM: shaped({ pattern: MAIL_ADDRESS, hint: 'give an address like kept@example.org', type: 'e-mail address' }),
  SMTP_URL: secretKind(smtpAddress, 'smtp(s) address'),
  ALERTMANAGER_URL: secretAddress(),
  ALERT_DEADMAN_URL: secretAddress(),
};

/** Addresses may hold a user name and a password. Absent: no alert leaves by that channel. */
export interface AlertChannelSettings {
  readonly webhook?: { readonly url: string; readonly secret?: string };
  readonly slack?: { readonly url: string };
  readonly pagerDuty?: { readonly routingKey: string; readonly url?: string };
  readonly email?: { readonly smtp: SmtpSettings; readonly to: readonly string[]; readonly from: string };
  /** Without `/api/v2/alerts`. */
  readonly alertmanager?: { readonly url: string };
  readonly operatorChat?: ChatId;
  readonly deadMan?: { readonly url: string };
}

type AlertEnv = Values<typeof alertVariables>;

export const readAlertChannels = (
  env: AlertEnv,
  operatorChat: ChatId | undefined,
): { readonly alertChannels: AlertChannelSettings; readonly problems: readonly ConfigProblem[] } => {
  const { ALERT_WEBHOOK_URL: webhookUrl, ALERT_SLACK_WEBHOOK_URL: slackUrl, ALERT_DEADMAN_URL: deadManUrl } = env;
  const { ALERT_PAGERDUTY_ROUTING_KEY: routingKey, ALERT_PAGERDUTY_URL: pagerDutyUrl, ALERTMANAGER_URL: alertmanagerUrl } = env;
  return {
    alertChannels: present({
      webhook: webhookUrl === undefined ? undefined : { url: webhookUrl, ...present({ secret: env.ALERT_WEBHOOK_SECRET }) },
      slack: slackUrl === undefined ? undefined : { url: slackUrl },
      pagerDuty: routingKey === undefined ? undefined : { routingKey, ...present({ url: pagerDutyUrl }) },
      email: emailOf(env),
      alertmanager: alertmanagerUrl === undefined ? undefined : { url: alertmanagerUrl.replace(/\/+(api\/v2(\/alerts)?\/*)?$/, '') },
      operatorChat,
      deadMan: deadManUrl === undefined ? undefined : { url: deadManUrl },
    }),
    problems: problemsOf(env),
  };
};

const emailOf = ({ SMTP_URL: smtp, ALERT_EMAIL_TO: all, ALERT_EMAIL_FROM: from }: AlertEnv): AlertChannelSettings['email'] => {
  const to = all?.slice(0, MAX_RECIPIENTS);
  const [first] = to ?? [];
  if (!smtp || !to || first === undefined) return undefined;
  const sender = from ?? (smtp.user !== undefined && MAIL_ADDRESS.test(smtp.user) ? smtp.user : first);
  return { smtp, to, from: sender };
};

/** What belongs together: the second has no effect without the first. */
const PAIRS = [
  ['ALERT_WEBHOOK_URL', 'ALERT_WEBHOOK_SECRET'],
  ['ALERT_PAGERDUTY_ROUTING_KEY', 'ALERT_PAGERDUTY_URL'],
  ['ALERT_EMAIL_TO', 'ALERT_EMAIL_FROM'],
  ['ALERT_EMAIL_TO', 'SMTP_URL'],
] as const;

const problemsOf = (env: AlertEnv): readonly ConfigProblem[] => {
  const alone = PAIRS.flatMap(([first, second]) =>
    env[second] !== undefined && env[first] === undefined ? [warning(second, `has no effect without ${first}`, `set ${first} too`)] : [],
  );
  const isUnsent = env.ALERT_EMAIL_TO !== undefined && env.SMTP_URL === undefined;
  const unsent = isUnsent
    ? [
        error(
          'ALERT_EMAIL_TO',
          'is set, and no mail server is: nobody would get a mail',
          'set SMTP_URL, such as smtp://host:587, with user:password@ before the host',
        ),
      ]
    : [];
  const many = (env.ALERT_EMAIL_TO?.length ?? 0) > MAX_RECIPIENTS;
  const tooMany = many
    ? [error('ALERT_EMAIL_TO', `names more than ${MAX_RECIPIENTS} addresses`, 'give the address of a mailing list')]
    : [];
  return [...alone, ...unsent, ...tooMany];
};

/** The parts of addresses that are as good as keys by themselves. */
export const secretsOfAlerts = ({ webhook, slack, email, alertmanager, deadMan }: AlertChannelSettings): readonly string[] => {
  const parts = [webhook, slack, alertmanager, deadMan].flatMap((one) => (one ? secretsOfAddress(one.url) : []));
  const { user, password } = email?.smtp ?? {};
  return [...new Set([...parts, password ?? '', ...credentialsOf(user, password)])].filter((part) => part.length >= 8);
};

/** The same of one address. */
export const secretsOfAddress = (address: string): readonly string[] => {
  const url = URL.parse(address);
  if (!url) return [];
  const written = [url.password, ...url.pathname.split('/'), ...url.searchParams.values(), ...url.search.slice(1).split(/[&=]/)];
  const parts = written.flatMap((part) => [part, decodedPart(part) ?? '']);
  return [...parts, ...credentialsOf(decodedPart(url.username), decodedPart(url.password))].filter(isKeyLike);
};

/** Words, such as `notifications`, are none: hiding them would only make texts unreadable. */
const isKeyLike = (part: string): boolean => part.length >= 12 && /\d/.test(part);

/** As they stand in a header, and in the words of a mail server's protocol. */
const credentialsOf = (user = '', password = ''): readonly string[] =>
  password === ''
    ? []
    : [`${user}:${password}`, `\u0000${user}\u0000${password}`, password].map((text) => Buffer.from(text).toString('base64'));
