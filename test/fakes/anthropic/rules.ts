import type { BrokenRule, SentRequest } from '../broken-rule.ts';
import { cacheRules } from './caching.ts';
import { type Lacking, mediaRules } from './media.ts';
import { messageRules } from './messages.ts';
import { modelRules } from './models.ts';
import { readShape } from './shape.ts';
import type { Thoughts } from './thoughts.ts';
import { toolRules } from './tools.ts';

const MAX_REQUEST_BYTES = 32 * 1024 ** 2;

/**
 * The rules of the Messages API that a request breaks; `thoughts` remembers what the server has sent, if it does.
 * `lacking`: what another server of it does not take.
 */
export const brokenRules = (
  { headers, body }: SentRequest,
  thoughts?: Thoughts,
  lacking: readonly Lacking[] = [],
): readonly BrokenRule[] => {
  const shape = readShape(body);
  const size = Buffer.byteLength(JSON.stringify(body) ?? '');
  const general = [
    ...headerRules(headers),
    ...(/(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(JSON.stringify(body) ?? '')
      ? [{ rule: 'surrogate', message: 'the request body is not valid JSON: no low surrogate in string' }]
      : []),
    ...(size > MAX_REQUEST_BYTES ? [{ rule: 'request-size', message: 'Request exceeds the maximum size' }] : []),
  ];
  if ('broken' in shape) return [...general, ...shape.broken];
  const { request } = shape;
  return [
    ...general,
    ...messageRules(request),
    ...mediaRules(request, lacking),
    ...toolRules(request),
    ...modelRules(request),
    ...cacheRules(request),
    ...(thoughts?.rules(request) ?? []),
  ];
};

const headerRules = (headers: SentRequest['headers']): readonly BrokenRule[] => [
  ...(/^\d{4}-\d\d-\d\d$/.test(headers['anthropic-version'] ?? '')
    ? []
    : [{ rule: 'version', message: 'anthropic-version: header is required' }]),
  ...(headers['x-api-key'] || headers.authorization?.startsWith('Bearer ')
    ? []
    : [{ rule: 'key', message: 'x-api-key: header is required' }]),
  ...(headers['content-type']?.startsWith('application/json')
    ? []
    : [{ rule: 'content-type', message: 'content-type: must be application/json' }]),
];
