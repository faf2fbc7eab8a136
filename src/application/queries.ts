import { findWorkspace } from '../domain/workspace/find-workspace.ts';
import type { AccessPolicy } from '../domain/workspace/policy.ts';
import type { Clock } from '../ports/clock.ts';
import type { Stores } from '../ports/storage/unit-of-work.ts';
import type { Queries } from '../ports/use-cases/queries.ts';
import { makeVerifyAuditLog } from './audit/verify-log.ts';
import { makeReportUsage } from './budgets/report-usage.ts';
import { makeListPromises } from './promises/list-promises.ts';
import { makeListSchedules } from './schedules/list-schedules.ts';
import { makeReportSeries } from './telemetry/report-series.ts';
import { makeReportStats } from './telemetry/report-stats.ts';

/** The most runs of a promise whose steps are told. */
const MAX_RUNS = 5;

/** What people and programs may ask about the stored state, beside the commands that change it. */
export const makeQueries = ({
  stores: { messages, promises, schedules, journal, audit, ledger, sketches },
  policy,
  clock,
}: {
  readonly stores: Pick<Stores, 'messages' | 'promises' | 'schedules' | 'journal' | 'audit' | 'ledger' | 'sketches'>;
  readonly policy: Pick<AccessPolicy, 'workspaces'>;
  /** Absent: what processes that have died had reserved counts as reserved, and stats need to be told since when. */
  readonly clock?: Pick<Clock, 'now'> | undefined;
}): Queries => ({
  listPromises: makeListPromises({ promises }),
  getPromise: (id) => promises.get(id),
  getSteps: async (id) => (await journal.ofPromise(id, MAX_RUNS)).flatMap(({ steps }) => steps),
  countPromises: () => promises.stats(),
  listSchedules: makeListSchedules({ schedules }),
  getSchedule: (id) => schedules.get(id),
  getVerdict: async (chatId, messageId) => (await messages.get(chatId, messageId))?.verdict,
  listInbox: (query) => messages.newest(query),
  readAudit: (filter) => audit.read(filter),
  verifyAudit: makeVerifyAuditLog({ audit }),
  reportUsage: makeReportUsage({ ledger, now: () => clock?.now() ?? 0 }),
  reportStats: makeReportStats({ sketches, now: () => clock?.now() ?? Number.MAX_SAFE_INTEGER }),
  reportSeries: makeReportSeries({ sketches, ledger, now: () => clock?.now() ?? 0 }),
  findWorkspace: (nameOrAlias) => findWorkspace(policy.workspaces, nameOrAlias),
});
