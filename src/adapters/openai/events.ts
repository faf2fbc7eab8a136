import { setImmediate } from 'node:timers/promises';
import { parsed } from './read-by-type.ts';

/** A server that sends faster than its stream is read must not take all of the process's time. */
const READ_AT_ONCE = 256;

export type StreamEvent = { readonly type: 'done' } | { readonly type: 'data'; readonly name: string; readonly data: unknown };

/**
 * What a response brings, event by event (https://html.spec.whatwg.org/multipage/server-sent-events.html); `onBytes`
 * hears of everything that arrives, comments too. A whole reply in JSON, as some servers answer a request for a stream,
 * is one event and the end. Throws SyntaxError where an event is no JSON, as one that was cut off, and whatever breaks
 * the connection.
 */
export async function* readEvents(response: Response, onBytes: () => void): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  const lines = makeLines();
  const events = makeEvents();
  let read = 0;
  for await (const bytes of response.body ?? []) {
    onBytes();
    for (const line of lines.add(decoder.decode(bytes, { stream: true }))) {
      const event = events.add(line);
      if (event) yield event;
      if (event && ++read % READ_AT_ONCE === 0) await setImmediate();
    }
  }
  yield* events.end(lines.rest());
}

/** Lines of a text that comes in pieces; each ends with CR, LF or both. */
const makeLines = () => {
  let open: string[] = [];
  let endedByReturn = false;
  return {
    add(text: string): string[] {
      const rest = endedByReturn && text.startsWith('\n') ? text.slice(1) : text;
      if (text !== '') endedByReturn = text.endsWith('\r');
      const [first = '', ...others] = rest.split(/\r\n|\n|\r/);
      open.push(first);
      if (others.length === 0) return [];
      const whole = [open.join(''), ...others.slice(0, -1)];
      open = [others.at(-1) ?? ''];
      return whole;
    },
    rest: (): string => open.join(''),
  };
};

/** Events of lines: their `data` is JSON, or the mark that nothing more comes. */
const makeEvents = () => {
  let name = '';
  let data: string[] = [];
  let isStream = false;
  const others: string[] = [];

  const eventOf = (text: string): StreamEvent | undefined => {
    if (text.trim() === '[DONE]') return { type: 'done' };
    // A sign of life.
    if (text.trim() === '' || name === 'ping') return undefined;
    const json = parsed(text);
    if (!json) throw new SyntaxError('an event of the stream is no JSON');
    return { type: 'data', name, data: json.value };
  };
  const take = (): StreamEvent | undefined => {
    const event = data.length === 0 ? undefined : eventOf(data.join('\n'));
    [name, data] = ['', []];
    return event;
  };

  return {
    add(line: string): StreamEvent | undefined {
      if (line === '') return take();
      const [, field = '', value = ''] = /^(data|event|id|retry|):? ?(.*)$/s.exec(line) ?? [];
      const isField = line.startsWith(':') || /^(data|event|id|retry)(:|$)/.test(line);
      isStream ||= isField;
      if (!isField) others.push(line);
      else if (field === 'data') data.push(value);
      else if (field === 'event') name = value;
      return undefined;
    },
    *end(rest: string): Generator<StreamEvent> {
      if (rest !== '') this.add(rest);
      const last = take();
      if (last) yield last;
      const whole = isStream ? undefined : parsed(others.join('\n'));
      if (!whole) return;
      yield { type: 'data', name: '', data: whole.value };
      yield { type: 'done' };
    },
  };
};
