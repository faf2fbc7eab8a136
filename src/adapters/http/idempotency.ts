import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '../../domain/shared/canonical-json.ts';
import { sha256 } from '../../domain/shared/sha256.ts';
import type { Clock, KeptAnswer, RequestKeys } from '../../ports/index.ts';
import { ROUTES_DOC } from './errors.ts';
import { RequestError } from './request-error.ts';
import { Answer, type Asked, type Route } from './route.ts';

export const KEY_HEADER = 'idempotency-key';
export const REPLAYED_HEADER = 'Idempotency-Replayed';

/** Whoever has not answered by then has died, or never will. */
const CLAIM_MS = 30_000;
/** Longer answers are not kept: none of a route that writes is. */
const MAX_KEPT_LENGTH = 1_000_000;
const KEY = /^[\x21-\x7e]{1,255}$/;
const HINT = `how keys work is described in ${ROUTES_DOC}`;

export interface IdempotencyParts {
  readonly keys: RequestKeys;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Carries out a request that brings an `Idempotency-Key` once: whoever asks the same again under the key gets the first
 * answer. `handle` is given a name for the effect, which is stored with it: where a process dies before the answer is
 * kept, the next one finds the effect, and does not repeat it.
 */
export const answerOnce = async (
  { keys, clock }: IdempotencyParts,
  {
    route,
    asked,
    key: given,
    sender,
  }: { readonly route: Route<never>; readonly asked: Request; readonly key: string; readonly sender: string },
  handle: (once: string) => Promise<unknown>,
): Promise<unknown> => {
  if (!KEY.test(given))
    throw new RequestError(400, 'http/invalid-key', 'Idempotency-Key has 1 to 255 visible ASCII characters, and stands once', {
      hint: HINT,
    });
  const at = clock.now();
  const key = sha256(JSON.stringify([sender, given]));
  const request = sha256(canonicalJson([route.id, asked.params ?? null, asked.query ?? null, asked.body ?? null]));
  // A key that is used once more when it was forgotten names another effect.
  const claimed = await keys.claim({ key, request, once: sha256(`${key} ${at}`), at, until: at + CLAIM_MS });
  switch (claimed.kind) {
    case 'claimed':
      return keeping(keys, key, () => handle(claimed.once));
    case 'answered':
      return new Answer(claimed.answer.status, JSON.parse(claimed.answer.body), { ...claimed.answer.headers, [REPLAYED_HEADER]: 'true' });
    case 'other':
      throw new RequestError(422, 'http/key-reused', 'this Idempotency-Key was sent with another request', { hint: HINT });
    case 'running':
      throw new RequestError(409, 'http/key-in-use', 'the request with this Idempotency-Key is being carried out', {
        hint: 'ask again in a moment',
        headers: { 'retry-after': '1' },
      });
  }
};

type Request = Pick<Asked<unknown, unknown, unknown>, 'params' | 'query' | 'body'>;

/** Keeps the answer of what was done. After a refusal or a failure the same request may come again. */
const keeping = async (keys: RequestKeys, key: string, handle: () => Promise<unknown>): Promise<unknown> => {
  try {
    const result = await handle();
    await keep(keys, key, result instanceof Answer ? result : new Answer(200, result));
    return result;
  } catch (error) {
    await keys.release(key);
    throw error;
  }
};

const keep = async (keys: RequestKeys, key: string, { status, body, headers }: Answer): Promise<void> => {
  const answer: KeptAnswer = { status, headers, body: JSON.stringify(body ?? null) };
  if (answer.body.length <= MAX_KEPT_LENGTH) await keys.answer(key, answer);
};

/** Whose keys these are: of a sign-in at the page, of a token, or of whoever needs none. */
export const senderOf = ({ headers }: FastifyRequest, csrfToken: string | undefined): string =>
  csrfToken === undefined ? `program ${headers.authorization ?? ''}` : `page ${csrfToken}`;
