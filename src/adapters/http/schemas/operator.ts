import { z } from 'zod';
import { count, id, instant, next, number } from './common.ts';
import { VERDICTS } from './desk.ts';
import { named, reply, told } from './names.ts';
import { promise } from './promise.ts';

export const chats = named(
  'Chats',
  () =>
    z.object({
      chats: z.array(
        z.object({
          chatId: id,
          kind: z.enum(['direct', 'group', 'channel']),
          title: z.string().exactOptional(),
          workspace: z.string().exactOptional(),
          lastAt: told(instant, 'When something was last said, by whomever'),
          lastText: told(z.string(), 'The beginning of what came last'),
          lastVerdict: told(z.enum(VERDICTS), 'What was decided on it'),
          openPromises: count,
        }),
      ),
      total: told(count, 'How many match'),
      next,
      isCut: told(z.boolean(), 'There are more chats than are looked at'),
    }),
  'The chats of every gateway, the latest first.',
);

const spoken = () =>
  z.object({
    from: told(z.enum(['chat', 'agent']), '`chat`: somebody there wrote it'),
    id: told(number, 'Of what goes out: its number in the outbox').exactOptional(),
    at: instant,
    messageId: id.exactOptional(),
    sender: z.object({ id, username: z.string().exactOptional(), displayName: z.string().exactOptional() }).exactOptional(),
    text: told(z.string(), 'At most 20,000 characters of it'),
    verdict: told(z.enum(VERDICTS), 'Of what came in').exactOptional(),
    replyTo: id.exactOptional(),
    deletedAt: instant.exactOptional(),
    status: told(z.enum(['pending', 'sent', 'failed']), 'Of what goes out').exactOptional(),
    promiseId: told(number, 'The promise that it tells of').exactOptional(),
    deliveredAt: instant.exactOptional(),
    errorMessage: z.string().exactOptional(),
  });

export const conversation = named(
  'Conversation',
  () =>
    z.object({
      entries: told(z.array(spoken()), 'Oldest first; the next page holds earlier ones'),
      next,
    }),
  'What came from a chat, and what was said to it.',
);

export const promiseDetail = named(
  'PromiseDetail',
  () =>
    z.object({
      promise: promise(),
      workspace: told(z.string(), 'The workspace, else the chat, whose quota it counts against'),
      steps: told(z.array(z.looseObject({ kind: z.enum(['model', 'tool']), at: instant })), 'Replies of models and calls of tools'),
      cost: z.object({ costUsd: z.number(), calls: count, unpricedCalls: count, inputTokens: count, outputTokens: count }),
      told: told(z.array(spoken()), 'What was said of it to its chat'),
      parents: told(z.array(promise()), 'What it waits for, or waited for'),
      children: told(z.array(promise()), 'What waits for it'),
    }),
  'All that is known of a promise.',
);

const verdict = () => ({ allowed: z.boolean(), rule: z.string(), path: told(z.string(), 'The place in the configuration that decided') });
export const access = named(
  'Access',
  () =>
    z.object({
      subject: z.string(),
      ...verdict(),
      places: z.array(
        z.object({
          of: told(z.string(), 'The place; where a chat was asked about: the person'),
          ...verdict(),
          role: z.string().exactOptional(),
          directory: z.string().exactOptional(),
          rights: z.array(z.object({ right: z.string(), words: z.string(), ...verdict(), needsApproval: z.boolean() })),
        }),
      ),
    }),
  'What somebody may do, place by place, and by which rule.',
);

export const people = named(
  'People',
  () =>
    z.object({
      people: z.array(
        z.object({
          subject: told(z.string(), 'As the question about access takes it'),
          id: id.exactOptional(),
          name: z.string().exactOptional(),
          username: z.string().exactOptional(),
          path: told(z.string(), 'Where that stands'),
        }),
      ),
      workspaces: z.array(z.object({ name: z.string(), chatIds: z.array(id), directory: z.string() })),
    }),
  'Everybody whom the configuration names or an owner has let in, and every workspace.',
);

export const pairing = named(
  'Pairing',
  () =>
    z.object({
      person: id,
      chatId: id,
      username: z.string().exactOptional(),
      name: z.string().exactOptional(),
      code: z.string(),
      status: z.enum(['asked', 'paired', 'revoked']),
      askedAt: instant,
      decidedAt: instant.exactOptional(),
      decidedBy: z.string().exactOptional(),
    }),
  'Somebody whom the configuration does not name, and whether an owner lets them in.',
);
export const pairings = reply(() => z.object({ pairings: z.array(pairing()) }));
