export * from './anthropic-model.ts';
export * from './client.ts';
