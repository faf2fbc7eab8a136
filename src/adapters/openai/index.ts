export * from './client.ts';
export type { LimitName } from './dialect.ts';
export * from './openai-model.ts';
export * from './transcriber.ts';
