import { present } from '../shared/present.ts';
import { provenanceFields } from '../trust/labels.ts';
import type { AgentPromise, Lease, PromiseFailure, PromiseProgress, PromiseSpec, PromiseState, TaskTerms } from './promise.ts';
import { retryPolicy } from './promise.ts';

// These functions take only the fields that are stored: an object with more fields fits each of these types, too.

export const requesterFields = ({ id, username }: PromiseSpec['requestedBy']): PromiseSpec['requestedBy'] => ({
  id,
  ...present({ username }),
});

export const failureFields = ({ code, message }: PromiseFailure): PromiseFailure => ({ code, message });
const leaseFields = ({ workerId, expiresAt }: Lease): Lease => ({ workerId, expiresAt });
const progressFields = ({ text, at }: PromiseProgress): PromiseProgress => ({ text, at });

/** Takes only the terms of a task from an object. */
export const taskFields = (terms: TaskTerms): TaskTerms => ({
  chatId: terms.chatId,
  chatKind: terms.chatKind,
  requestedBy: requesterFields(terms.requestedBy),
  description: terms.description,
  agent: terms.agent,
  taskType: terms.taskType,
  tenant: terms.tenant,
  priority: terms.priority,
  retry: retryPolicy(terms.retry),
  createdAt: terms.createdAt,
  ...present({ messageId: terms.messageId, provenance: provenanceFields(terms.provenance) }),
});

/** Takes only the terms of a promise from an object. */
export const termsFields = (terms: PromiseSpec): PromiseSpec => ({
  ...taskFields(terms),
  id: terms.id,
  dependsOn: terms.dependsOn,
  metadata: terms.metadata,
  ...present({
    notBefore: terms.notBefore,
    deadline: terms.deadline,
    idempotencyKey: terms.idempotencyKey,
  }),
});

/** A promise and nothing else: its terms, its counts and its state. */
export const promiseFields = (promise: AgentPromise): AgentPromise => ({
  ...termsFields(promise),
  ...countFields(promise),
  version: promise.version,
  ...stateFields(promise),
});

/**
 * What is stored of a change: the state that `next` is in, and where its words come from, at the version behind
 * `stored`. The terms stay.
 */
export const changedFields = (stored: AgentPromise, next: AgentPromise): AgentPromise => {
  const { deadline: _, provenance: __, ...terms } = termsFields(stored);
  const changed = present({ deadline: next.deadline, provenance: provenanceFields(next.provenance) });
  return { ...terms, ...changed, ...countFields(next), version: stored.version + 1, ...stateFields(next) };
};

const countFields = ({ attempts, failures, lostLeases }: AgentPromise) => ({ attempts, failures, lostLeases });

const stateFields = (promise: AgentPromise): PromiseState => {
  const { status } = promise;
  switch (status) {
    case 'waiting':
      return { status, ...present({ approvalId: promise.approvalId }) };
    case 'pending':
      return { status, dueAt: promise.dueAt, ...lastErrorFields(promise) };
    case 'in_progress': {
      const { startedAt, lease, progress } = promise;
      const told = present({ progress: progress && progressFields(progress) });
      return { status, startedAt, lease: leaseFields(lease), ...told, ...lastErrorFields(promise) };
    }
    case 'completed':
      return { status, ...settledFields(promise), result: promise.result };
    case 'failed':
      return { status, ...settledFields(promise), ...cutShortFields(promise), error: failureFields(promise.error) };
    case 'cancelled':
      return { status, ...settledFields(promise), ...cutShortFields(promise), reason: promise.reason };
  }
};

const lastErrorFields = ({ lastError }: { readonly lastError?: PromiseFailure }) =>
  present({ lastError: lastError && failureFields(lastError) });
const settledFields = ({ completedAt, deliveredAt }: { readonly completedAt: number; readonly deliveredAt?: number }) => ({
  completedAt,
  ...present({ deliveredAt }),
});
const cutShortFields = ({ lease }: { readonly lease?: Lease }) => present({ lease: lease && leaseFields(lease) });
