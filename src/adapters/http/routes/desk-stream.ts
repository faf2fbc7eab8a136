import { z } from 'zod';
import { NO_QUERY } from '../inputs.ts';
import { RequestError } from '../request-error.ts';
import { defineStream } from '../route.ts';
import { named, told } from '../schemas/names.ts';

/** For whoever hosts Kept as a library. */
const HINT = 'the host of this server gives it no `watchDesk`';

const changed = named(
  'Changed',
  () =>
    z.object({
      topic: told(
        z.enum(['promises', 'approvals', 'schedules', 'alerts', 'health', 'chats', 'log']),
        'Of this, something may have changed: read it again',
      ),
    }),
  'What has changed.',
);

export const deskStream = defineStream({
  path: '/events',
  id: 'followDesk',
  tag: 'desk',
  summary: 'What changes in all chats, by topic',
  description: 'Begins with each topic once. A topic comes at most once a second, and says nothing of what is new: read it again.',
  query: NO_QUERY,
  events: { changed },
  refusals: { 404: ['events/not-offered'] },
  handle: async (_asked, { api: { watchDesk } }) => {
    if (!watchDesk) throw new RequestError(404, 'events/not-offered', 'this server does not tell of changes', { hint: HINT });
    return (send) => watchDesk((topic) => void send({ key: topic, event: 'changed', data: { topic } }));
  },
});
