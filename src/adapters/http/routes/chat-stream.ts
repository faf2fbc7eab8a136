import { z } from 'zod';
import type { ChatEvent } from '../../../ports/index.ts';
import type { ApiViews } from '../api-views.ts';
import { query } from '../inputs.ts';
import { parse } from '../read-request.ts';
import { defineStream, type StreamedEvent } from '../route.ts';
import { draft, message } from '../schemas/chat.ts';
import { promise } from '../schemas/promise.ts';
import { inChat, sequence } from './messages.ts';

const streamHeaders = z.object({ 'Last-Event-ID': sequence.optional() });
const events = { message, draft, promise };

/** A message's event id is its sequence; `Last-Event-ID` (or `?after=`) resumes behind it. */
export const chatStream = defineStream({
  path: '/chat/stream',
  id: 'followChat',
  tag: 'chat',
  summary: 'The events of a local chat as they come',
  description: 'With `Last-Event-ID` or `after`, begins behind the message of that sequence, and leaves out none.',
  query: query({ chatId: inChat, after: sequence.optional() }),
  events,
  handle: async ({ query: { chatId, after }, headers }, { api, views }) => {
    const { 'Last-Event-ID': from = after } = parse(streamHeaders, { 'Last-Event-ID': headers['last-event-id'] || undefined });
    return (send) => api.subscribe(chatId, (event) => send(shown(event, views)), from);
  },
});

/** Events with the same key replace each other: only the newest draft, or state of a promise, is worth sending. */
const shown = (event: ChatEvent, views: ApiViews): StreamedEvent<typeof events> => {
  switch (event.type) {
    case 'message': {
      const { messageId, sequence: id } = event.message;
      return { key: `message ${messageId}`, id, event: 'message', data: views.message(event.message) };
    }
    case 'draft':
      return { key: 'draft', event: 'draft', data: { text: event.text } };
    case 'promise':
      return { key: `promise ${event.promise.id}`, event: 'promise', data: views.promise(event.promise) };
  }
};
