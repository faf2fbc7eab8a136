import { RequestError } from '../request-error.ts';
import { defineRoute } from '../route.ts';
import { pings } from '../schemas/health.ts';

export const selfPingRoutes = [
  defineRoute({
    method: 'POST',
    path: '/self-ping',
    id: 'pingSelf',
    tag: 'health',
    summary: 'Sends a message to itself by each road, to its delivered answer',
    description: 'A ping that fails is a report, too.',
    replies: { 200: pings },
    refusals: { 409: ['bot/stands-by'] },
    handle: async (_asked, { api }) => {
      const pinged = await api.pingSelf();
      if (!pinged.ok) throw new RequestError(409, pinged.error.code, pinged.error.message);
      return pinged.value;
    },
  }),
];
