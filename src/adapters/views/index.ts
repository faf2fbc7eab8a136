export { approvalLine, approvalView, standingView } from './approval-view.ts';
export { auditRowView, auditVerdictView } from './audit-view.ts';
export { messageView } from './message-view.ts';
export { pairingView } from './pairing-view.ts';
export { promiseView } from './promise-view.ts';
export { runStepViews } from './run-step-view.ts';
export { scheduleView } from './schedule-view.ts';
export { statsView } from './stats-view.ts';
export { usageView } from './usage-view.ts';
