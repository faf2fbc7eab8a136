import {
  type Approval,
  type ApprovalId,
  approvalFields,
  changedApproval,
  holds,
  isApprovalEnded,
  type StandingApproval,
  type StandingId,
  standingFields,
  standsFor,
} from '../../domain/index.ts';
import type { ApprovalStore } from '../../ports/index.ts';
import { concurrency, select } from './rows.ts';
import type { Tables } from './tables.ts';

const oldestFirst = (a: Approval, b: Approval): number => a.id - b.id;
const newestFirst = (a: { readonly id: number }, b: { readonly id: number }): number => b.id - a.id;
const byExpiry = (a: Approval, b: Approval): number => a.expiresAt - b.expiresAt || a.id - b.id;

export const makeApprovalStore = ({ approvals, standing, next }: Tables): ApprovalStore => {
  const asked = (): Approval[] => [...approvals.rows()].filter(({ status }) => status === 'asked');
  return {
    reserveIds: async (count) => Array.from({ length: count }, () => next('approval') as ApprovalId),
    add: async (added) => {
      const taken = new Set<ApprovalId>();
      for (const { id } of added) {
        if (approvals.get(id) || taken.has(id)) throw concurrency(`approval #${id} is already stored`);
        taken.add(id);
      }
      for (const approval of added) approvals.put(approvalFields(approval));
    },
    get: async (id) => approvals.get(id),
    update: async (ids, change) => {
      const wanted = new Set(ids);
      const changes = select(approvals.rows(), ({ id }) => wanted.has(id), oldestFirst).map((stored) => ({ stored, next: change(stored) }));
      return changes.map(({ stored, next: wanted }) => {
        if (!wanted) return stored;
        const changed = changedApproval(stored, wanted);
        approvals.put(changed);
        return changed;
      });
    },
    list: async ({ chatId, statuses, before = Number.POSITIVE_INFINITY, limit }) =>
      select(
        approvals.rows(),
        ({ id, call, status }) => id < before && (chatId ?? call.chatId) === call.chatId && (statuses?.includes(status) ?? true),
        newestFirst,
        limit,
      ),
    ofPromise: async (promiseId) => select(approvals.rows(), (approval) => approval.promiseId === promiseId, oldestFirst),
    openOf: async (promiseIds) => {
      const wanted = new Set(promiseIds);
      return select(approvals.rows(), (approval) => wanted.has(approval.promiseId) && !isApprovalEnded(approval), oldestFirst);
    },
    countAsked: async (chatId) => asked().filter(({ call }) => call.chatId === chatId).length,
    due: async (now, limit) => select(asked(), ({ expiresAt }) => expiresAt <= now, byExpiry, limit),
    nextExpiry: async () => asked().toSorted(byExpiry)[0]?.expiresAt,
    reserveStandingIds: async (count) => Array.from({ length: count }, () => next('standing') as StandingId),
    addStanding: async (given) => standing.put(standingFields(given)),
    getStanding: async (id) => standing.get(id),
    listStanding: async ({ chatId, holdingAt, limit }) =>
      select(
        standing.rows(),
        (given) => (chatId === undefined || given.chatId === chatId) && (holdingAt === undefined || holds(given, holdingAt)),
        newestFirst,
        limit,
      ),
    standingFor: async (call, at) => select(standing.rows(), (given) => standsFor(given, call, at), newestFirst)[0],
    revokeStanding: async (id, at, by) => {
      const given = standing.get(id);
      if (!given || !holds(given, at)) return given;
      const revoked: StandingApproval = { ...given, revokedAt: at, revokedBy: by };
      standing.put(revoked);
      return revoked;
    },
  };
};
