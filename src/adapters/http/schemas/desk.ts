import { z } from 'zod';
import { MEASURED_KINDS } from '../../../domain/index.ts';
import { count, id, instant, next, number } from './common.ts';
import { named, reply, told } from './names.ts';

const times = z.array(z.number().nullable());
export const series = named(
  'Series',
  () =>
    z.object({
      since: told(instant, 'When the first step begins'),
      until: instant,
      stepSeconds: told(number, 'A minute within the last hour, else an hour'),
      kinds: z.array(
        z.object({ kind: z.enum(MEASURED_KINDS), counts: z.array(count), failures: z.array(count), p50_ms: times, p95_ms: times }),
      ),
      levels: told(
        z.array(z.object({ name: z.string(), average: times, most: times })),
        'How many promises and messages wait, or are under way',
      ),
      costs_usd: z.array(z.number()),
      calls: z.array(count),
    }),
  'How things went over time: each list has an entry for each step, null where nothing was measured.',
);

const restarts = () => z.array(z.object({ role: z.string(), host: z.string(), count }));
const process = named(
  'Process',
  () =>
    z.object({
      id: z.string(),
      role: told(z.string(), '`start`, `bot` or `worker`'),
      host: z.string(),
      pid: z.int(),
      version: z.string(),
      dataDir: z.string(),
      vitality: told(z.enum(['alive', 'silent', 'replaced', 'stopped']), '`silent`: no sign of life for a minute'),
      startedAt: instant,
      heartbeatAt: told(instant, 'Its last sign of life'),
      stoppedAt: instant.exactOptional(),
      phase: z.enum(['starting', 'running', 'stopping', 'failed']),
      standing: z.enum(['leads', 'stands-by']).exactOptional(),
      leader: z.string().exactOptional(),
      promises: told(z.array(number), 'The promises that it works on, at most 20'),
      promiseCount: count,
      answering: told(count, 'How many chats it answers'),
      metrics: z.object({ port: z.int(), isServed: z.boolean() }).exactOptional(),
    }),
  'A process, wherever it runs, and what it was at when it gave its last sign of life.',
);
export const processes = named(
  'Processes',
  () =>
    z.object({
      at: instant,
      processes: told(z.array(process()), 'Those that live first'),
      total: count,
      leader: told(z.string(), 'The process that leads').exactOptional(),
      restarts: told(restarts(), 'Who began and broke off lately'),
      looping: told(restarts(), 'Who did so too often'),
      restartsWithinSeconds: z.number(),
    }),
  'The processes on this storage that live, or were there within the last day.',
);

export const logTail = named(
  'LogTail',
  () =>
    z.object({
      state: told(z.string(), 'Give it as `unless` to be told only what is new'),
      isChanged: z.boolean(),
      lines: told(z.array(z.record(z.string(), z.unknown())), 'Oldest first'),
      hasMore: told(z.boolean(), 'Earlier lines may fit, too'),
    }),
  'The newest lines of the log.',
);

export const auditVerdict = named(
  'AuditVerdict',
  () =>
    z.object({
      ok: z.boolean(),
      head: told(z.object({ seq: count, hash: z.string() }), 'The last row, and its hash').exactOptional(),
      fault: z
        .object({ kind: z.string(), seq: z.int(), head: z.int().exactOptional(), problem: told(z.string(), 'What is wrong, in words') })
        .exactOptional(),
      missingGuards: told(z.array(z.string()), 'What keeps the database from changing rows, and is gone').exactOptional(),
      unsealed: told(count, 'Facts that have no place in the log yet'),
    }),
  'Whether any row of the audit log was changed, removed or put in.',
);

export const silence = named(
  'Silence',
  () => z.object({ target: told(z.string(), 'A rule, or the key of an alert'), until: instant, reason: z.string().exactOptional() }),
  'What holds alerts back for a time.',
);

export const VERDICTS = ['open', 'denied', 'ignored', 'remembered', 'answered', 'failed'] as const;
export const inboxMessage = named(
  'InboxMessage',
  () =>
    z.object({
      chatId: id,
      chatTitle: z.string().exactOptional(),
      messageId: id,
      sender: z.object({ id, kind: z.string(), username: z.string().exactOptional(), displayName: z.string().exactOptional() }),
      text: told(z.string(), 'At most 200 characters of it'),
      receivedAt: instant,
      verdict: told(z.enum(VERDICTS), '`open`: it waits for its turn'),
      reason: told(z.string(), 'Of `failed`: why').exactOptional(),
      access: z.object({ allowed: z.boolean(), rule: z.string(), path: told(z.string(), 'The place in the configuration that decided') }),
      response: z.object({ action: z.string(), rule: z.string() }).exactOptional(),
      deletedAt: instant.exactOptional(),
    }),
  'A message that came in, and what was decided on it.',
);
export const inboxMessages = reply(() => z.object({ messages: z.array(inboxMessage()), next }));
export const why = named(
  'Why',
  () => z.object({ chatId: id, messageId: id, lines: z.array(z.string()) }),
  'Why a message was answered or not, or what led to one of Kept’s own.',
);
