import type { UserId } from '../../domain/chat/ids.ts';
import { approvePairing, CODE_FORM, MAX_PAIRED, type Pairing, readCode, revokePairing } from '../../domain/pairing/pairing.ts';
import { ok, type Result, refuse } from '../../domain/shared/result.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import type { ApprovePairing, DecidePairingRefusal, ListPairings, RevokePairing } from '../../ports/use-cases/pairing.ts';

interface DecideDeps {
  readonly unitOfWork: UnitOfWork;
  readonly policy: Pick<AccessPolicy, 'whitelist'>;
  readonly clock: Clock;
  readonly events: Events;
}

type Decided = Result<Pairing, DecidePairingRefusal>;

const DEFAULT_LIMIT = 50;

export const makeListPairings =
  ({ pairings }: Pick<Stores, 'pairings'>): ListPairings =>
  ({ statuses = ['asked', 'paired'], limit = DEFAULT_LIMIT }) =>
    pairings.list({ statuses, limit });

/** The operator's yes. It is refused while pairing is off: it would let nobody in. */
export const makeApprovePairing = (deps: DecideDeps): ApprovePairing => {
  const decide = decideWith(deps);
  return async (typed) => {
    if (!deps.policy.whitelist.pairing)
      return refuse('pairing/off', 'pairing is off: set dm_whitelist.pairing to true in workspace_config.json');
    const code = readCode(typed);
    if (code === undefined) return refuse('pairing/not-found', `${JSON.stringify(typed)} is no code: ${CODE_FORM}`);
    return decide(async (stores) => {
      const found = await stores.pairings.byCode(code);
      if (!found) return refuse('pairing/not-found', `nobody has the code ${code}`);
      if ((await stores.pairings.paired()).length >= MAX_PAIRED)
        return refuse('pairing/too-many', `${MAX_PAIRED} people are let in so: name further ones in dm_whitelist`);
      return ok(found.userId);
    }, approvePairing);
  };
};

/** The operator's no, before or after a yes. */
export const makeRevokePairing = (deps: DecideDeps): RevokePairing => {
  const decide = decideWith(deps);
  return (userId) => decide(async () => ok(userId), revokePairing);
};

const decideWith = ({ unitOfWork, clock, events }: DecideDeps) => {
  return async (
    whom: (stores: Stores) => Promise<Result<UserId, DecidePairingRefusal>>,
    change: typeof approvePairing,
  ): Promise<Decided> => {
    const at = clock.now();
    const decided = await unitOfWork.run(async (stores): Promise<Decided> => {
      const person = await whom(stores);
      if (!person.ok) return person;
      let became: Decided = refuse('pairing/not-found', `${person.value} has not asked to be let in`);
      await stores.pairings.update(person.value, (stored) => {
        became = change(stored, { at, by: 'operator' });
        return became.ok ? became.value : undefined;
      });
      const result = became as Decided;
      if (result.ok)
        await stores.audit.add([
          {
            at,
            kind: 'pairing',
            actor: 'operator',
            facts: { verdict: result.value.status, person: person.value, chatId: result.value.chatId },
          },
        ]);
      return result;
    });
    if (decided.ok) events.emit({ type: 'pairing-decided', userId: decided.value.userId, status: decided.value.status, by: 'operator' });
    return decided;
  };
};
