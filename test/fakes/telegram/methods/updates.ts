import { int, object, optional } from '../tl/value.ts';
import { channelOfInput } from '../world/access.ts';
import { channelDifference, difference, stateOf } from '../world/difference.ts';
import type { UserMethod } from './call.ts';

/** https://core.telegram.org/api/updates */
export const UPDATES_METHODS: Readonly<Record<string, UserMethod>> = {
  'updates.getState': ({ service, me }) => stateOf(service.world.state, me),
  'updates.getDifference': ({ request, service, me }) => {
    const limit = optional(int, request, 'ptsLimit') ?? optional(int, request, 'ptsTotalLimit') ?? Number.POSITIVE_INFINITY;
    return difference(
      service.world.state,
      me,
      { pts: int(request, 'pts'), qts: int(request, 'qts'), date: int(request, 'date'), limit },
      service.rules,
    );
  },
  'updates.getChannelDifference': ({ request, service, me }) => {
    const group = channelOfInput(service.world.state, me, object(request, 'channel'));
    return channelDifference(service.world.state, me, group, { pts: int(request, 'pts'), limit: int(request, 'limit') }, service.rules);
  },
};
