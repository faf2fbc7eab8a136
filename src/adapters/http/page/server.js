import { plain } from './plain.js';

/** Talks to the server that this page came from. */

/** A stream that is silent for two heartbeats is dead, even if nobody closed it. */
const SILENCE_MS = 40_000;
const LONGEST_WAIT_MS = 10_000;

/** A refusal or failure in words for the person at the page. */
export class ServerError extends Error {
  constructor(status, code, message) {
    super(plain(message));
    this.status = status;
    this.code = code;
  }
}

const SESSION = '/api/v1/session';
const JSON_TYPE = { 'content-type': 'application/json' };

let askForToken = async () => undefined;
/** `ask(problem)` shows the question, with what is wrong with the last answer, and resolves to what was typed. */
export const onTokenWanted = (ask) => {
  askForToken = ask;
};

/** Whether the person is signed in, as the server says; undefined while nobody has asked. */
let session;
let tellSession = () => undefined;
export const onSession = (tell) => {
  tellSession = tell;
};
const keepSession = (next, { isNew }) => {
  session = next;
  tellSession(next, { isNew });
  return next;
};

/** Asks once; the cookie itself is out of reach of this page. */
let finding;
const findSession = () => {
  finding ??= fetch(SESSION)
    .then(async (response) => {
      if (!response.ok) throw await refusal(response);
      return keepSession(await response.json(), { isNew: false });
    })
    .finally(() => {
      finding = undefined;
    });
  return finding;
};

/** Many requests may find out at once that a sign-in is wanted; the person is asked once, until it works. */
let signingIn;
const signIn = () => {
  signingIn ??= (async () => {
    for (let problem; ; ) {
      const token = await askForToken(problem);
      const response = await fetch(SESSION, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ token }) }).catch(unreachable);
      if (response.ok) return keepSession(await response.json(), { isNew: true });
      problem = response.status === 401 ? 'That is not this server’s token.' : (await refusal(response)).message;
    }
  })().finally(() => {
    signingIn = undefined;
  });
  return signingIn;
};

/** An answer in the place of one that did not come. */
const unreachable = () => new Response(JSON.stringify({ error: { message: UNREACHABLE } }), { status: 503 });
const UNREACHABLE = 'The server can’t be reached.';

/** Ends this sign-in, or those in every browser. */
export const signOut = async ({ everywhere }) => {
  await send(`${SESSION}?everywhere=${everywhere}`, { method: 'DELETE' });
  session = undefined;
};

/** With what the server wants to see beside the cookie of whatever writes. */
const ask = async (path, { method = 'GET', headers = {}, ...options } = {}) => {
  const { csrfToken } = method === 'GET' ? {} : (session ?? (await findSession()));
  return fetch(path, { ...options, method, headers: csrfToken === undefined ? headers : { ...headers, 'x-csrf-token': csrfToken } });
};

const send = async (path, options = {}) => {
  for (let tries = 0; ; tries++) {
    let response;
    const before = session;
    try {
      response = await ask(path, options);
    } catch (error) {
      if (options.signal?.aborted || error instanceof ServerError) throw error;
      throw new ServerError(0, 'unreachable', UNREACHABLE);
    }
    if (response.ok) return response;
    if (response.status === 401) {
      // Somebody may have signed in while this was on its way.
      if (session === before || !session.signedIn) await signIn();
      continue;
    }
    const refused = await refusal(response);
    // Somebody has signed in anew in another tab: its second value counts here, too.
    if (refused.code !== 'http/no-proof' || tries > 0) throw refused;
    await findSession();
  }
};

const refusal = async (response) => {
  const { error } = await response.json().catch(() => ({}));
  if (!error?.message) return new ServerError(response.status, 'unknown', `The server answered ${response.status}.`);
  return new ServerError(response.status, error.code, sentence(error.message) + (error.hint ? ` ${sentence(error.hint)}` : ''));
};

const sentence = (words) => words.charAt(0).toUpperCase() + words.slice(1) + (/[.!?]$/.test(words) ? '' : '.');

/**
 * The health that the server reports; only the status to whom it does not know. Undefined if the server can't be
 * reached.
 */
export const getHealth = async () => {
  const response = await fetch('/health').catch(() => undefined);
  const health = await response?.json().catch(() => undefined);
  return health?.status ? health : undefined;
};

/**
 * The answer of the server, as JSON; rejects with ServerError. Every view asks through it: it lets the person
 * sign in, and shows the second value of whatever writes.
 */
export const api = async (path, options) => (await send(path, options)).json();

/** Looks whether the person is signed in, for what the page shows of that. */
export const lookForSession = () => findSession().catch(() => undefined);

export const get = (path) => api(path);

export const post = (path, body = {}, headers = {}) =>
  api(path, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) });

/**
 * `post` under a key: the server carries it out once, however often it is sent. A host that keeps no keys gets none.
 */
export const postOnce = async (path, body, key) => {
  try {
    return await post(path, body, { 'idempotency-key': key });
  } catch (error) {
    if (error.code !== 'http/keys-not-offered') throw error;
    return post(path, body);
  }
};

/** A key that nobody else has. `crypto.randomUUID` is there over TLS alone. */
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * Follows an event stream until `signal` ends it, or the server says that it has none. `lastEventId()` says where to go
 * on; `onOpen` and `onLost` tell of the connection; `onEvent(type, data)` gets each event.
 */
export const follow = async (path, { lastEventId, onOpen, onLost, onEvent, signal }) => {
  for (let failures = 0; !signal?.aborted; failures++) {
    const cut = new AbortController();
    const end = () => cut.abort();
    signal?.addEventListener('abort', end);
    let watchdog;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => cut.abort(), SILENCE_MS);
    };
    try {
      alive();
      const last = lastEventId();
      const headers = last === undefined ? {} : { 'last-event-id': String(last) };
      const response = await send(path, { headers, signal: cut.signal });
      failures = 0;
      onOpen();
      await readEvents(response.body, alive, onEvent);
      onLost(new ServerError(0, 'ended', 'The server ended the connection.'));
    } catch (error) {
      if (signal?.aborted || error.status === 404) return;
      onLost(error);
    } finally {
      clearTimeout(watchdog);
      signal?.removeEventListener('abort', end);
    }
    await wait(Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures));
  }
};

const readEvents = async (body, alive, onEvent) => {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ''; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    alive();
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
      if (fields.has('data')) onEvent(fields.get('event'), JSON.parse(fields.get('data')));
    }
  }
};

/** Cut short when the network or the person comes back. */
const wait = (ms) =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      document.removeEventListener('visibilitychange', seen);
      resolve();
    };
    const seen = () => {
      if (!document.hidden) done();
    };
    const timer = setTimeout(done, ms);
    addEventListener('online', done);
    document.addEventListener('visibilitychange', seen);
  });
