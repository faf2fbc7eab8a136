import type { Pairing } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';

const time = (at: number): string => new Date(at).toISOString();

/** A pairing as every listing gives it. */
export const pairingView = ({ userId, chatId, username, displayName, code, status, askedAt, decidedAt, decidedBy }: Pairing) => ({
  person: userId,
  chatId,
  ...present({ username, name: displayName }),
  code,
  status,
  askedAt: time(askedAt),
  ...present({ decidedAt: decidedAt === undefined ? undefined : time(decidedAt), decidedBy }),
});
