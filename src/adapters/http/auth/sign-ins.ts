import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyValueState } from '../../../ports/index.ts';
import { COOKIE_PREFIX } from './cookie.ts';

/** Somebody has shown the token at the page: a signed cookie says so, until its end. */
export interface SignIn {
  readonly id: string;
  /** In ms since 1970, as the end. */
  readonly begunAt: number;
  readonly endsAt: number;
  /** What its signature is derived from, beside the token. */
  readonly seed: string;
}

/** It ends where nothing is asked for this long, */
const IDLE_MS = 12 * 60 * 60_000;
/** and at the latest after this. */
const LONGEST_MS = 7 * 24 * 60 * 60_000;
/** Its end is put off no more often than this. */
const RENEWED_EACH_MS = 5 * 60_000;
/** What another process on the same data has ended is over here within this time. */
const KNOWN_FOR_MS = 1_000;

export interface SignIns {
  begin(): Promise<SignIn>;
  /** Undefined for a cookie that was not made here, or is over. */
  read(cookie: string): Promise<SignIn | undefined>;
  /** The same with a later end, where it is time for that. */
  renewed(signIn: SignIn): SignIn | undefined;
  holds(signIn: SignIn): Promise<boolean>;
  end(signIn: SignIn): Promise<void>;
  /** Ends all that there are, in every process on this data. */
  endAll(): Promise<void>;
  cookieOf(signIn: SignIn): string;
  /** Without a prefix. */
  cookieName(): Promise<string>;
  /** What the page sends as `X-CSRF-Token` to change anything. No other site can know it. */
  csrfTokenOf(signIn: SignIn): string;
}

/**
 * Sign-ins are signed and not stored: they outlive a restart, and another process on the same data takes them over. The
 * key is derived from the token and a stored seed: they end when either changes.
 */
export const makeSignIns = ({
  token,
  state,
  now = Date.now,
}: {
  readonly token: string;
  readonly state: KeyValueState;
  readonly now?: () => number;
}): SignIns => {
  const stored = makeStored(state, now);
  const sign = (seed: string, text: string): Buffer =>
    createHmac('sha256', Buffer.from(hkdfSync('sha256', token, seed, 'kept sign-in', 32)))
      .update(text)
      .digest();
  const untilIdle = (begunAt: number): number => Math.min(now() + IDLE_MS, begunAt + LONGEST_MS);
  const holds = async ({ id, begunAt, endsAt, seed }: SignIn): Promise<boolean> => {
    const at = now();
    if (at >= endsAt || at >= begunAt + LONGEST_MS) return false;
    const current = await stored.read();
    return current.seed === seed && !current.ended.has(id);
  };

  return {
    begin: async () => {
      const begunAt = now();
      return { id: randomBytes(16).toString('base64url'), begunAt, endsAt: untilIdle(begunAt), seed: (await stored.read()).seed };
    },
    read: async (cookie) => {
      const parts = COOKIE.exec(cookie)?.groups;
      if (!parts) return undefined;
      const { id = '', begun, ends, signature = '' } = parts;
      const { seed } = await stored.read();
      const signIn = { id, begunAt: Number(begun), endsAt: Number(ends), seed };
      // As texts: base64 has several spellings of the same bytes.
      if (!timingSafeEqual(Buffer.from(sign(seed, textOf(signIn)).toString('base64url')), Buffer.from(signature))) return undefined;
      return (await holds(signIn)) ? signIn : undefined;
    },
    renewed: (signIn) => {
      const endsAt = untilIdle(signIn.begunAt);
      return endsAt - signIn.endsAt < RENEWED_EACH_MS ? undefined : { ...signIn, endsAt };
    },
    holds,
    end: ({ id, begunAt }) => stored.end(id, begunAt + LONGEST_MS),
    endAll: () => stored.endAll(),
    cookieOf: (signIn) => `${textOf(signIn)}.${sign(signIn.seed, textOf(signIn)).toString('base64url')}`,
    cookieName: async () => COOKIE_PREFIX + (await stored.read()).name,
    csrfTokenOf: ({ id, seed }) => sign(seed, `proof.${id}`).toString('base64url'),
  };
};

const textOf = ({ id, begunAt, endsAt }: SignIn): string => `v1.${id}.${begunAt}.${endsAt}`;
const COOKIE = /^v1\.(?<id>[\w-]{22})\.(?<begun>\d{1,15})\.(?<ends>\d{1,15})\.(?<signature>[\w-]{43})$/;

interface Stored {
  /** A part of the cookie's name: two installations at one host do not take each other's cookies. */
  readonly name: string;
  readonly seed: string;
  /** What was ended before its time, and until when it would have held, by id. */
  readonly ended: ReadonlyMap<string, number>;
}

const ENDED = 'ended:';

/** What all processes on the same data know of sign-ins. */
const makeStored = (state: KeyValueState, now: () => number) => {
  let known: { readonly at: number; readonly reading: Promise<Stored> } | undefined;
  const random = (bytes: number): string => randomBytes(bytes).toString('hex');

  const load = async (): Promise<Stored> => {
    const entries = await state.list('');
    const [name, seed] = [entries.get('name'), entries.get('seed')];
    if (name === undefined || seed === undefined) {
      await state.set(new Map([...(name === undefined ? [['name', random(4)] as const] : []), ['seed', random(32)]]));
      // Another process may have been later: then its seed counts.
      return load();
    }
    const ended = [...entries]
      .filter(([key]) => key.startsWith(ENDED))
      .map(([key, value]) => [key.slice(ENDED.length), Number(value)] as const);
    return { name, seed, ended: new Map(ended) };
  };
  const read = (): Promise<Stored> => {
    const at = now();
    if (!known || at < known.at || at - known.at >= KNOWN_FOR_MS) {
      const reading = load();
      known = { at, reading };
      // A failure is not kept: the next one who asks reads anew.
      reading.catch(() => {
        if (known?.reading === reading) known = undefined;
      });
    }
    return known.reading;
  };
  const write = async (entries: ReadonlyMap<string, string | undefined>): Promise<void> => {
    await state.set(entries);
    known = undefined;
  };
  const without = async (isOver: (until: number) => boolean) =>
    [...(await load()).ended].filter(([, until]) => isOver(until)).map(([id]) => [ENDED + id, undefined] as const);

  return {
    read,
    end: async (id: string, until: number): Promise<void> =>
      write(new Map<string, string | undefined>([...(await without((each) => each <= now())), [ENDED + id, String(until)]])),
    endAll: async (): Promise<void> => write(new Map<string, string | undefined>([...(await without(() => true)), ['seed', random(32)]])),
  };
};

/** For a host that stores nothing: sign-ins end with the process. */
export const makeUnstoredState = (): KeyValueState => {
  const entries = new Map<string, string>();
  return {
    get: async (key) => entries.get(key),
    set: async (changes) => {
      for (const [key, value] of changes) {
        if (value === undefined) entries.delete(key);
        else entries.set(key, value);
      }
    },
    list: async (prefix) => new Map([...entries].filter(([key]) => key.startsWith(prefix))),
  };
};
