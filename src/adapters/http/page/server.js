import { plain } from './plain.js';

/** Talks to the server that this page came from. */

const TOKEN = 'kept.token';
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

let askForToken = async () => undefined;
let asking;
/** `ask` shows the question and resolves to what was typed. */
export const onTokenWanted = (ask) => {
  askForToken = ask;
};

/** Many requests may find out at once that a token is wanted; the person is asked once. */
const wantToken = (refused) => {
  const known = sessionStorage.getItem(TOKEN);
  if (known !== null && known !== refused) return Promise.resolve();
  asking ??= askForToken(refused !== null).then((token) => {
    sessionStorage.setItem(TOKEN, token);
    asking = undefined;
  });
  return asking;
};

const ask = (path, options, token) =>
  fetch(path, { ...options, headers: { ...options.headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) } });

const send = async (path, options = {}) => {
  for (;;) {
    const token = sessionStorage.getItem(TOKEN);
    let response;
    try {
      response = await ask(path, options, token);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new ServerError(0, 'unreachable', 'The server can’t be reached.');
    }
    if (response.ok) return response;
    if (response.status === 401) {
      await wantToken(token);
      continue;
    }
    throw await refusal(response);
  }
};

const refusal = async (response) => {
  const { error } = await response.json().catch(() => ({}));
  if (!error?.message) return new ServerError(response.status, 'unknown', `The server answered ${response.status}.`);
  return new ServerError(response.status, error.code, sentence(error.message) + (error.hint ? ` ${sentence(error.hint)}` : ''));
};

const sentence = (words) => words.charAt(0).toUpperCase() + words.slice(1) + (/[.!?]$/.test(words) ? '' : '.');

/**
 * The health that the server reports; only the status without a valid token. Undefined if the server can't be reached.
 */
export const getHealth = async () => {
  const response = await ask('/health', {}, sessionStorage.getItem(TOKEN)).catch(() => undefined);
  const health = await response?.json().catch(() => undefined);
  return health?.status ? health : undefined;
};

/**
 * The answer of the server, as JSON; rejects with ServerError. Every view asks through it: it asks the person for the
 * token.
 */
export const api = async (path, options) => (await send(path, options)).json();

export const get = (path) => api(path);

export const post = (path, body = {}) =>
  api(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

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
