import type {
  Approval,
  ApprovalId,
  ApprovalStatus,
  ApprovedCall,
  Decider,
  StandingApproval,
  StandingId,
} from '../../domain/approval/approval.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';

export interface ApprovalFilter {
  readonly chatId?: ChatId;
  readonly statuses?: readonly ApprovalStatus[];
  /** Only approvals with a lower number. */
  readonly before?: ApprovalId;
  readonly limit: number;
}

export interface StandingFilter {
  readonly chatId?: ChatId;
  /** Only those that hold at that time. */
  readonly holdingAt?: number;
  readonly limit: number;
}

/** Approvals and standing approvals. */
export interface ApprovalStore {
  /** Resolves to numbers that are never given out again, in rising order. A number may stay unused. */
  reserveIds(count: number): Promise<readonly ApprovalId[]>;
  /** MUST reject with PortError `concurrency`, and store none, when an id is taken. */
  add(approvals: readonly Approval[]): Promise<void>;
  get(id: ApprovalId): Promise<Approval | undefined>;
  /**
   * Locks these approvals until the unit of work ends, and stores the state that `change` gives for each. Where
   * `change` gives undefined, the approval stays as it is. Resolves to all that exist, as they then stand, in the order
   * of their ids.
   *
   * `change` is pure: it is called once for each approval, with what is stored at that moment. MUST store nothing when
   * it throws. MUST store of what it gives the status, the decision and the end alone.
   */
  update(ids: readonly ApprovalId[], change: (stored: Approval) => Approval | undefined): Promise<readonly Approval[]>;
  /** Newest first. */
  list(filter: ApprovalFilter): Promise<readonly Approval[]>;
  /** Every approval that guards that promise, oldest first. */
  ofPromise(promiseId: PromiseId): Promise<readonly Approval[]>;
  /** The approvals of these promises that are asked or approved and have not ended, in the order of their ids. */
  openOf(promiseIds: readonly PromiseId[]): Promise<readonly Approval[]>;
  /** How many approvals of that chat wait for a decision. */
  countAsked(chatId: ChatId): Promise<number>;
  /** Approvals that wait for a decision and whose time is over at `now`, earliest first. */
  due(now: number, limit: number): Promise<readonly Approval[]>;
  /** When the next approval expires that waits for a decision. */
  nextExpiry(): Promise<number | undefined>;

  reserveStandingIds(count: number): Promise<readonly StandingId[]>;
  addStanding(standing: StandingApproval): Promise<void>;
  getStanding(id: StandingId): Promise<StandingApproval | undefined>;
  /** Newest first. */
  listStanding(filter: StandingFilter): Promise<readonly StandingApproval[]>;
  /** The newest that says yes to that call at that time; see `standsFor`. */
  standingFor(call: Omit<ApprovedCall, 'input'>, at: number): Promise<StandingApproval | undefined>;
  /** Resolves to it as it then stands; undefined if there is none. One that is over or revoked stays as it is. */
  revokeStanding(id: StandingId, at: number, by: Decider): Promise<StandingApproval | undefined>;
}
