/** Notes a broken rule; false, for a check that ends with it. */
export type Breaks = (rule: string, message: string) => false;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;
