import type { Approval, ApprovalId, ApprovalStatus } from '../../domain/approval/approval.ts';

/** What the cards of approvals show. A card is made with its approval, and shows `asked` from then on. */
export interface CardStore {
  /** Approvals with a higher number than `after` of which the card shows another status than theirs, lowest first. */
  behind(after: number, limit: number): Promise<readonly Approval[]>;
  /** From now on the card shows that. Does nothing where there is no such approval. */
  markShown(id: ApprovalId, status: ApprovalStatus): Promise<void>;
}
