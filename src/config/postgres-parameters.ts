/** What may stand behind the `?` of a database's address. The driver ignores others, or lets them undo what is set elsewhere. */
const PARAMETERS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'host', 'application_name'];

/** PostgreSQL's `allow` and `prefer` would go on without encryption, which the driver does not. */
const SSL_MODES = ['disable', 'no-verify', 'require', 'verify-ca', 'verify-full'];

/** What is wrong with the first parameter that can't stand there. Names and values are quoted where they can be no secret. */
export const wrongParameter = (parameters: URLSearchParams): { readonly problem: string; readonly hint: string } | undefined => {
  for (const [name, value] of parameters) {
    if (!PARAMETERS.includes(name))
      return {
        problem: `has a parameter${/^[a-z_]{1,40}$/i.test(name) ? ` "${name}"` : ''} that would have no effect, or another than is meant`,
        hint: `leave it out; behind the ? may stand: ${PARAMETERS.join(', ')}`,
      };
    if (name === 'sslmode' && !SSL_MODES.includes(value))
      return {
        problem: `has an sslmode that is not known here${/^[\w-]{1,20}$/.test(value) ? `: "${value}"` : ''}`,
        hint: `use one of: ${SSL_MODES.join(', ')}`,
      };
  }
  return undefined;
};

/** The driver takes `require` and `verify-ca` for `verify-full`, and warns of it on standard error: it is told so at once. */
export const asVerified = (url: string): string => url.replace(/([?&]sslmode=)(?:require|verify-ca)(?=&|$)/g, '$1verify-full');
