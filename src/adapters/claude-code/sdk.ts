/**
 * What is used of `@anthropic-ai/claude-agent-sdk`. It is no dependency: people who want Claude Code install it, and
 * whoever makes the agent hands it over.
 */
export interface ClaudeSdk {
  query(input: { readonly prompt: string; readonly options: Readonly<Record<string, unknown>> }): AsyncIterable<unknown>;
}

export type Fields = Readonly<Record<string, unknown>>;

export const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const countOf = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.round(value) : 0;
