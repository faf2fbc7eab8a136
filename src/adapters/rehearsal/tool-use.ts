import * as refuse from './refusals.ts';
import type { Request } from './request.ts';

/** `use search_web {"query": "tea"}`: any tool by its name, with its arguments as JSON. */
const USE = /^\s*(?:use|call)(?: the)?(?: tool)? ([A-Za-z_][\w-]{2,63})\s*(\{[\s\S]*\})?\s*$/i;

/** The call that a text asks for to the letter; undefined where it asks for none. */
export const toolUse = (text: string): Request | undefined => {
  const [, tool, json] = USE.exec(text) ?? [];
  // `use it`, `call Bob`: tools have longer names, or arguments.
  if (tool === undefined || (json === undefined && !/[_-]/.test(tool) && tool !== 'recall')) return undefined;
  if (json === undefined) return { kind: 'use-tool', tool, input: {} };
  const input = asObject(json);
  return input ? { kind: 'use-tool', tool, input } : { kind: 'refused', answer: refuse.noJson(tool) };
};

const asObject = (json: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};
