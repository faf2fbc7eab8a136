import type { UserId } from '../../domain/chat/ids.ts';
import type { Pairing, PairingRefusal, PairingStatus } from '../../domain/pairing/pairing.ts';
import type { Refusal, Result } from '../../domain/shared/result.ts';

/** Newest first. Default: those who ask and those who are let in. Rejects with PortError. */
export type ListPairings = (query: {
  readonly statuses?: readonly PairingStatus[];
  readonly limit?: number;
}) => Promise<readonly Pairing[]>;

export type DecidePairingRefusal = PairingRefusal | Refusal<'pairing/not-found' | 'pairing/too-many' | 'pairing/off'>;

/** Lets the person in to whom the code belongs, at once in every process. Rejects with PortError. */
export type ApprovePairing = (code: string) => Promise<Result<Pairing, DecidePairingRefusal>>;

/** Takes it back, or says no: nothing is said in any chat. Rejects with PortError. */
export type RevokePairing = (userId: UserId) => Promise<Result<Pairing, DecidePairingRefusal>>;
