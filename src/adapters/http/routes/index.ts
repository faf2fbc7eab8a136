import type { Route } from '../route.ts';
import { alertRoutes } from './alerts.ts';
import { approvalRoutes } from './approvals.ts';
import { auditRoutes } from './audit.ts';
import { chatStream } from './chat-stream.ts';
import { healthRoutes } from './health.ts';
import { messageRoutes } from './messages.ts';
import { metricsRoute } from './metrics.ts';
import { promiseRoutes } from './promises.ts';
import { scheduleRoutes } from './schedules.ts';
import { selfPingRoutes } from './self-ping.ts';
import { statsRoutes } from './stats.ts';
import { usageRoutes } from './usage.ts';

/** Every route that is served; the document and the reference are made from this list. */
export const ROUTES: readonly Route[] = [
  ...messageRoutes,
  chatStream,
  ...promiseRoutes,
  ...scheduleRoutes,
  ...approvalRoutes,
  ...auditRoutes,
  ...usageRoutes,
  ...statsRoutes,
  ...alertRoutes,
  ...selfPingRoutes,
  ...healthRoutes,
  metricsRoute,
];
