import type { BrokenRule, SentRequest } from '../broken-rule.ts';
import { cacheRules } from './caching.ts';
import { messageRules } from './messages.ts';
import { modelRules } from './models.ts';
import { readShape } from './shape.ts';
import type { Thoughts } from './thoughts.ts';
import { toolRules } from './tools.ts';

const MAX_REQUEST_BYTES = 32 * 1024 ** 2;

/** The rules of the Messages API that a request breaks; `thoughts` remembers what the server has sent, if it does. */
export const brokenRules = ({ headers, body }: SentRequest, thoughts?: Thoughts): readonly BrokenRule[] => {
  const shape = readShape(body);
  const size = Buffer.byteLength(JSON.stringify(body) ?? '');
  const general = [
    ...headerRules(headers),
    ...(/(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(JSON.stringify(body) ?? '')
      ? [{ rule: 'surrogate', message: 'the request body is not valid JSON: no low surrogate in string' }]
      : []),
    ...(size > MAX_REQUEST_BYTES ? [{ rule: 'request-size', message: 'request_too_large: the request exceeds 32 MB' }] : []),
  ];
  if ('broken' in shape) return [...general, ...shape.broken];
  const { request } = shape;
  return [
    ...general,
    ...messageRules(request),
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
