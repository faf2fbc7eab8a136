/** `allow` and `prefer` are missing: with them PostgreSQL falls back to no encryption, and the driver can't. */
const SSL_MODES = ['disable', 'no-verify', 'require', 'verify-ca', 'verify-full'];
const CHANNEL_BINDINGS = ['disable', 'prefer', 'require'];
/** Seconds. A longer wait would delay the next attempts. */
const LONGEST_CONNECT = 60;

/**
 * The parameters that a database address may have, with the known values of some. The driver ignores others, or they
 * would override other settings.
 */
const PARAMETERS: ReadonlyMap<string, readonly string[] | undefined> = new Map([
  ['sslmode', SSL_MODES],
  ...(['sslrootcert', 'sslcert', 'sslkey', 'host', 'application_name', 'connect_timeout'] as const).map(
    (name) => [name, undefined] as const,
  ),
  ['channel_binding', CHANNEL_BINDINGS],
]);

/** The problem of parameters that are not allowed. Names and values are quoted only if they can't be secrets. */
export const wrongParameter = (parameters: URLSearchParams): { readonly problem: string; readonly hint: string } | undefined => {
  const names = [...parameters.keys()];
  const unknown = [...new Set(names)].filter((name) => !PARAMETERS.has(name));
  if (unknown.length > 0) {
    const quoted = unknown.filter((name) => /^[a-z_]{1,40}$/i.test(name)).map((name) => `"${name}"`);
    return {
      problem: `has ${unknown.length > 1 ? 'parameters' : 'a parameter'}${quoted.length > 0 ? ` ${quoted.join(', ')}` : ''} that would have no effect, or another than is meant`,
      hint: `leave ${unknown.length > 1 ? 'them' : 'it'} out; behind the ? may stand: ${[...PARAMETERS.keys()].join(', ')}`,
    };
  }
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice) return { problem: `gives ${twice} twice`, hint: 'give it once: which of them counts would not be seen' };
  for (const [name, value] of parameters) {
    const choices = PARAMETERS.get(name);
    if (choices && !choices.includes(value))
      return {
        problem: `gives ${name} a value that is not known here${/^[\w-]{1,20}$/.test(value) ? `: "${value}"` : ''}`,
        hint: `use one of: ${choices.join(', ')}`,
      };
    if (name === 'connect_timeout' && !(/^\d{1,2}$/.test(value) && Number(value) >= 1 && Number(value) <= LONGEST_CONNECT))
      return {
        problem: 'gives connect_timeout a time that cannot be waited for',
        hint: `use whole seconds, from 1 to ${LONGEST_CONNECT}`,
      };
  }
  return undefined;
};

/**
 * The driver treats `require` and `verify-ca` as `verify-full`, with a warning on standard error: here it gets
 * `verify-full` at once.
 */
export const asVerified = (url: string): string => url.replace(/([?&]sslmode=)(?:require|verify-ca)(?=&|$)/g, '$1verify-full');

/** How to reach a PostgreSQL database. */
export interface Database {
  readonly url: string;
  /** Time limit for a connection. Absent: the default of the adapter. */
  readonly connectTimeoutMs?: number;
  /** Whether the password is bound to the TLS connection (SCRAM-SHA-256-PLUS, RFC 5802), if the server offers it. */
  readonly bindsChannel?: boolean;
}

/** The settings that the driver does not read from the address itself. */
export const databaseAt = (url: string): Database => {
  const { searchParams } = new URL(url);
  const seconds = searchParams.get('connect_timeout');
  const binding = searchParams.get('channel_binding');
  return {
    url,
    ...(seconds === null ? {} : { connectTimeoutMs: Number(seconds) * 1_000 }),
    ...(binding === null ? {} : { bindsChannel: binding !== 'disable' }),
  };
};
