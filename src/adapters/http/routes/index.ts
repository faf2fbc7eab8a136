import type { Route } from '../route.ts';
import { alertRoutes } from './alerts.ts';
import { approvalRoutes } from './approvals.ts';
import { auditRoutes } from './audit.ts';
import { auditVerdictRoutes } from './audit-verdict.ts';
import { chatStream } from './chat-stream.ts';
import { descriptionRoutes } from './description.ts';
import { deskStream } from './desk-stream.ts';
import { healthRoutes } from './health.ts';
import { inboxRoutes } from './inbox.ts';
import { logRoutes } from './logs.ts';
import { messageRoutes } from './messages.ts';
import { metricsRoute } from './metrics.ts';
import { operatorRoutes } from './operator.ts';
import { processRoutes } from './processes.ts';
import { promiseRoutes } from './promises.ts';
import { scheduleRoutes } from './schedules.ts';
import { selfPingRoutes } from './self-ping.ts';
import { seriesRoutes } from './series.ts';
import { sessionRoutes } from './session.ts';
import { silenceRoutes } from './silences.ts';
import { statsRoutes } from './stats.ts';
import { usageRoutes } from './usage.ts';

/** Every route that is served; the document and the reference are made from this list. */
export const ROUTES: readonly Route[] = [
  ...messageRoutes,
  chatStream,
  deskStream,
  ...operatorRoutes,
  ...promiseRoutes,
  ...scheduleRoutes,
  ...approvalRoutes,
  ...auditRoutes,
  ...auditVerdictRoutes,
  ...inboxRoutes,
  ...usageRoutes,
  ...statsRoutes,
  ...seriesRoutes,
  ...alertRoutes,
  ...silenceRoutes,
  ...logRoutes,
  ...processRoutes,
  ...selfPingRoutes,
  ...healthRoutes,
  ...sessionRoutes,
  metricsRoute,
  ...descriptionRoutes,
];
