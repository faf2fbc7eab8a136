import type { Decider } from '../approval/approval.ts';
import type { ChatId, UserId } from '../chat/ids.ts';
import type { Sender } from '../message/message.ts';
import { present } from '../shared/present.ts';
import { err, ok, type Refusal, type Result } from '../shared/result.ts';
import { sha256 } from '../shared/sha256.ts';

export const PAIRING_STATUSES = ['asked', 'paired', 'revoked'] as const;
export type PairingStatus = (typeof PAIRING_STATUSES)[number];

/** Somebody whom the configuration does not name, and who wrote in private: whether an owner lets them in. */
export interface Pairing {
  readonly userId: UserId;
  readonly chatId: ChatId;
  /** As they call themselves: anybody can take any name. */
  readonly username?: string;
  readonly displayName?: string;
  /** What an approval names; see `codeOf`. */
  readonly code: string;
  readonly status: PairingStatus;
  /** In ms since 1970. */
  readonly askedAt: number;
  readonly decidedAt?: number;
  readonly decidedBy?: Decider;
}

/** How long a code counts, and how long until the same person may be offered again. */
export const PAIRING_MS = 24 * 60 * 60 * 1000;
/** However many strangers write, owners are asked about so many at a time. */
export const MAX_OPEN_PAIRINGS = 20;
/** The most who can be let in so. */
export const MAX_PAIRED = 1_000;

/** No letter that looks like a digit or another one. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const CODE_LENGTH = 8;

/** What a code has, for a message that says so. */
export const CODE_FORM = `one has ${CODE_LENGTH} letters and digits, and never 0, 1, I or O`;

/** A code out of an unguessable id: `K7QF2MXD`. */
export const codeOf = (id: string): string => {
  const hash = sha256(id);
  return Array.from({ length: CODE_LENGTH }, (_, at) => ALPHABET[Number.parseInt(hash.slice(2 * at, 2 * at + 2), 16) % 32]).join('');
};

/** A code as somebody types it: case, blanks and dashes do not count. Undefined: it is none. */
export const readCode = (typed: string): string | undefined => {
  const code = typed.toUpperCase().replace(/[\s-]/g, '');
  return code.length === CODE_LENGTH && Array.from(code).every((letter) => ALPHABET.includes(letter)) ? code : undefined;
};

export const makePairing = (sender: Sender, chatId: ChatId, { code, at }: { readonly code: string; readonly at: number }): Pairing => ({
  userId: sender.id,
  chatId,
  code,
  status: 'asked',
  askedAt: at,
  ...present({ username: sender.username, displayName: sender.displayName }),
});

export const isOpenPairing = ({ status, askedAt }: Pairing, now: number): boolean => status === 'asked' && askedAt > now - PAIRING_MS;

export type PairingRefusal = Refusal<'pairing/expired' | 'pairing/already-paired' | 'pairing/already-revoked'>;

/** Lets them in: who asked within a day, or whom somebody has revoked by mistake. */
export const approvePairing = (
  pairing: Pairing,
  { at, by }: { readonly at: number; readonly by: Decider },
): Result<Pairing, PairingRefusal> => {
  if (pairing.status === 'paired') return err({ code: 'pairing/already-paired', message: `${pairing.userId} is let in already` });
  if (pairing.status === 'asked' && !isOpenPairing(pairing, at))
    return err({
      code: 'pairing/expired',
      message: `the code ${pairing.code} is older than a day: once they write again, there is a new one`,
    });
  return ok({ ...pairing, status: 'paired', decidedAt: at, decidedBy: by });
};

/** They are not let in any more, or never are; nobody is asked about them again. */
export const revokePairing = (
  pairing: Pairing,
  { at, by }: { readonly at: number; readonly by: Decider },
): Result<Pairing, PairingRefusal> =>
  pairing.status === 'revoked'
    ? err({ code: 'pairing/already-revoked', message: `${pairing.userId} is not let in` })
    : ok({ ...pairing, status: 'revoked', decidedAt: at, decidedBy: by });

/** A pairing and nothing else. */
export const pairingFields = (pairing: Pairing): Pairing => {
  const { userId, chatId, code, status, askedAt, username, displayName, decidedAt, decidedBy } = pairing;
  return { userId, chatId, code, status, askedAt, ...present({ username, displayName, decidedAt, decidedBy }) };
};
