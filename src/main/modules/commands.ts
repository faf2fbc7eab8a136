import type { Container } from 'inversify';
import { makeApprovals, makeCommands, makeQueries } from '../../application/index.ts';
import { bind } from '../bind.ts';
import { TOKENS } from '../tokens.ts';

const T = TOKENS;

/** Commands and queries, which every role has. */
export const bindCommands = (container: Container): void => {
  bind(container, T.queries, { storage: T.storage, policy: T.configuredPolicy, clock: T.clock }, ({ storage: { stores }, policy, clock }) =>
    makeQueries({ stores, policy, clock }),
  );
  bind(
    container,
    T.approvals,
    { storage: T.storage, policy: T.configuredPolicy, clock: T.clock, randomness: T.randomness, events: T.events },
    ({ storage: { stores, unitOfWork }, ...parts }) => makeApprovals({ ...parts, stores, unitOfWork }),
  );
  bind(
    container,
    T.commands,
    {
      storage: T.storage,
      clock: T.clock,
      randomness: T.randomness,
      redact: T.redact,
      events: T.events,
      policy: T.configuredPolicy,
      timeZone: T.timeZone,
      calendar: T.calendar,
      retry: T.retry,
      retentionMs: T.retentionMs,
      models: T.modelNames,
    },
    makeCommands,
  );
};
