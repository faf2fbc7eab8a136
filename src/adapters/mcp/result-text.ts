import { z } from 'zod';
import { lineExcerpt, wholeWordsOf } from '../../domain/shared/excerpt.ts';
import type { ToolOutcome } from '../../ports/index.ts';

/** How much one call may add to a conversation, in UTF-16 units. */
export const MAX_OUTPUT_LENGTH = 20_000;

const part = z.looseObject({ type: z.string() });
const resultSchema = z.looseObject({
  content: z.array(z.unknown()).optional(),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
});

/** What a server answered, in words for a model; undefined if that is no result of a tool. */
export const resultText = (answer: unknown): ToolOutcome | undefined => {
  const result = resultSchema.safeParse(answer);
  if (!result.success) return undefined;
  const { content = [], structuredContent, isError = false } = result.data;
  const texts = content
    .slice(0, MAX_PARTS)
    .map(partText)
    .filter((text) => text !== '');
  const more = content.length > MAX_PARTS ? [`(${content.length - MAX_PARTS} more parts are not shown.)`] : [];
  // A server that structures its content should also say it as text; where it did not, this is all there is.
  if (texts.length === 0 && structuredContent !== undefined && structuredContent !== null) texts.push(JSON.stringify(structuredContent));
  return { output: bounded([...texts, ...more].join('\n\n') || '(The tool answered without any content.)'), isError };
};

const MAX_PARTS = 100;

const partText = (given: unknown): string => {
  const parsed = part.safeParse(given);
  if (!parsed.success) return '(a part that cannot be read)';
  const { type, ...fields } = parsed.data;
  switch (type) {
    case 'text':
      return asText(fields.text);
    case 'image':
    case 'audio':
      return `(${type === 'image' ? 'an image' : 'a sound'}, ${asWord(fields.mimeType)}, ${sizeOf(fields.data)}: not shown)`;
    case 'resource_link':
      return [asWord(fields.title ?? fields.name), `<${asWord(fields.uri)}>`, asWord(fields.description)]
        .filter((word) => word !== '')
        .join(' ');
    case 'resource':
      return resourceText(fields.resource);
    default:
      return `(a part of the kind ${asWord(type)}: not shown)`;
  }
};

const resourceText = (resource: unknown): string => {
  const { uri, mimeType, text, blob } = z.record(z.string(), z.unknown()).catch({}).parse(resource);
  const head = `<${asWord(uri)}>`;
  return typeof text === 'string' ? `${head}\n${asText(text)}` : `${head} (${asWord(mimeType)}, ${sizeOf(blob)}: not shown)`;
};

const asText = (value: unknown): string => (typeof value === 'string' ? value.toWellFormed() : '');
const asWord = (value: unknown): string => (typeof value === 'string' ? lineExcerpt(value.slice(0, 1_000), 300) : '');
/** Of a text in base64. */
const sizeOf = (data: unknown): string => (typeof data === 'string' ? `${Math.ceil((data.length * 3) / 4 / 1_024)} KB` : 'of unknown size');

const bounded = (text: string): string => {
  if (text.length <= MAX_OUTPUT_LENGTH) return text;
  const kept = wholeWordsOf(text, MAX_OUTPUT_LENGTH - 100);
  return `${kept}\n[cut here: ${text.length - kept.length} of ${text.length} characters are not shown]`;
};
