import { z } from 'zod';
import { InvalidValueError, readSpan } from '../../../domain/index.ts';
import { body, by } from '../inputs.ts';
import { RequestError } from '../request-error.ts';
import { defineRoute } from '../route.ts';
import { silence } from '../schemas/desk.ts';
import { wire } from '../schemas/names.ts';
import { refused } from './refused.ts';

const target = z.string().min(1).max(500);
const spanOf = (text: string): number => {
  const span = readSpan(text);
  if (span === undefined) throw new InvalidValueError('must be a span of time, such as 2h');
  return span;
};
const span = z
  .string()
  .transform(by(spanOf))
  .register(wire, { description: 'A span of time', examples: ['2h'] });

const notOffered = (): RequestError =>
  new RequestError(404, 'alerts/not-offered', 'alerts are not offered here', {
    hint: 'the host of this server gives it no `silenceAlert`',
  });

export const silenceRoutes = [
  defineRoute({
    method: 'POST',
    path: '/alerts/silences',
    id: 'silenceAlert',
    tag: 'reports',
    summary: 'Holds back the alerts of a rule, or one alert by its key, for a time',
    body: body({ target, for: span, reason: z.string().max(500).optional() }, { target: 'gateway.silent', for: '2h' }),
    replies: { 200: silence },
    refusals: { 404: ['alerts/not-offered'], 409: ['alert/unknown', 'alert/silence-too-long', 'alert/too-many-silences'] },
    handle: async ({ body }, { api, views }) => {
      if (!api.silenceAlert) throw notOffered();
      const found = await api.silenceAlert(body.target, body.for, body.reason);
      if (!found.ok) throw refused(found.error);
      return views.silence(found.value);
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/alerts/silences/end',
    id: 'endSilence',
    tag: 'reports',
    summary: 'Ends a silence before its time',
    body: body({ target }, { target: 'gateway.silent' }),
    replies: { 200: silence },
    refusals: { 404: ['alerts/not-offered'], 409: ['alert/not-silenced'] },
    handle: async ({ body }, { api, views }) => {
      if (!api.endSilence) throw notOffered();
      const found = await api.endSilence(body.target);
      if (!found.ok) throw refused(found.error);
      return views.silence(found.value);
    },
  }),
];
