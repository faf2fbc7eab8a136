import { z } from 'zod';
import { type AuditHead, InvalidValueError } from '../../../domain/index.ts';
import type { AuditVerdict } from '../../../ports/index.ts';
import { body, by } from '../inputs.ts';
import { RequestError } from '../request-error.ts';
import { defineRoute } from '../route.ts';
import { auditVerdict } from '../schemas/desk.ts';
import { wire } from '../schemas/names.ts';

/** For whoever hosts Kept as a library. */
const HINT = 'the host of this server gives it no `verifyAudit`';

/** `120:ab12…`, as an earlier answer told it. */
const headOf = (text: string): AuditHead => {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text.trim()) ?? [];
  if (seq === undefined || hash === undefined) throw new InvalidValueError('must be a number and a hash: 120:ab12…');
  return { seq: Number(seq), hash: hash.toLowerCase() };
};

const head = z
  .string()
  .transform(by(headOf))
  .register(wire, { description: 'The number and hash of the last row at an earlier time', pattern: '^[0-9]{1,15}:[0-9a-f]{64}$' });
const keptHead = body({ head: head.optional() }, { head: `120:${'ab12'.repeat(16)}` }).optional();

/** Each check reads the whole log: one at a time, whoever asks. */
const oneAtATime = () => {
  let last: Promise<unknown> = Promise.resolve();
  return (check: () => Promise<AuditVerdict>): Promise<AuditVerdict> => {
    const found = last.then(check);
    last = found.catch(() => undefined);
    return found;
  };
};
const inTurn = oneAtATime();

export const auditVerdictRoutes = [
  defineRoute({
    method: 'POST',
    path: '/audit/verify',
    id: 'verifyAudit',
    tag: 'audit',
    summary: 'Checks that no row of the audit log was changed, removed or put in',
    description: 'Reads the whole log, a part at a time. `head`: the end of the log at an earlier time, which it must hold.',
    body: keptHead,
    writes: false,
    replies: { 200: auditVerdict },
    refusals: { 404: ['audit/not-offered'] },
    handle: async ({ body: asked }, { api, views }) => {
      const { verifyAudit } = api;
      if (!verifyAudit) throw new RequestError(404, 'audit/not-offered', 'there is no audit log here', { hint: HINT });
      return views.auditVerdict(await inTurn(() => verifyAudit(asked?.head)));
    },
  }),
];
