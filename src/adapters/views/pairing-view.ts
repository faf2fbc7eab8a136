import type { Pairing } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { iso } from './iso.ts';

/** A pairing as every listing gives it. */
export const pairingView = ({ userId, chatId, username, displayName, code, status, askedAt, decidedAt, decidedBy }: Pairing) => ({
  person: userId,
  chatId,
  ...present({ username, name: displayName }),
  code,
  status,
  askedAt: iso(askedAt),
  ...present({ decidedAt: decidedAt === undefined ? undefined : iso(decidedAt), decidedBy }),
});
