/**
 * A process for tests of approvals under kill -9: it decides on what its parent hands it, as a bot does with taps, and
 * keeps promises, as a worker does.
 */
import { openSqliteEngine } from '../../src/adapters/sqlite/index.ts';
import { systemClock, systemRandomness } from '../../src/adapters/system/index.ts';
import {
  homingStorage,
  makeApprovals,
  makeCallGuard,
  makeCallParts,
  makeJudgeCall,
  makeToolCatalog,
  makeWorker,
} from '../../src/application/index.ts';
import type { ApprovalId } from '../../src/domain/index.ts';
import { type DecidedBy, type DecideOptions, silentEvents, toolSource } from '../../src/ports/index.ts';
import { AGENT, actingTools, POLICY } from './approval-site.ts';
import { onlyAgent } from './catalogs.ts';

export interface Tap {
  readonly n: number;
  readonly id: ApprovalId;
  readonly verdict: 'approve' | 'deny';
  readonly by: DecidedBy;
  readonly options?: DecideOptions;
}
/** `code`: why it was refused; absent where it was taken. */
export type Tapped = { readonly n: number; readonly code?: string } | 'ready';

const [path = '', file = ''] = process.argv.slice(2);
const tell = (told: Tapped): void => void process.send?.(told);

const engine = await openSqliteEngine({ path });
const storage = homingStorage(engine.storage);
const { stores, unitOfWork } = storage;
const tools = makeToolCatalog([toolSource('acting', actingTools(file))]);
const parts = { clock: systemClock, events: silentEvents, redact: (text: string) => text };
const judgeCall = makeJudgeCall(POLICY);
const guard = makeCallGuard({ ...parts, stores });
const approvals = makeApprovals({ ...parts, stores, unitOfWork, policy: POLICY, randomness: systemRandomness });
const { worker } = makeWorker({
  ...parts,
  storage,
  changes: engine.changes(),
  randomness: systemRandomness,
  policy: POLICY,
  workerId: systemRandomness.id(),
  agents: onlyAgent(AGENT),
  runAgent: () => Promise.reject(new Error('no agent runs here')),
  calls: makeCallParts({ ...parts, tools, judgeCall, guard }),
  settings: { concurrency: 8, leaseMs: 1_500, heartbeatMs: 400 },
});
worker.start();
process.on('message', async (tap: Tap) => {
  const { n, id, verdict, by, options } = tap;
  const decided = await approvals.decide(id, verdict, by, options);
  tell(decided.ok ? { n } : { n, code: decided.error.code });
});
process.on('disconnect', () => process.exit());
tell('ready');
