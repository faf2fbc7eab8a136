export * from './client.ts';
export * from './openai-model.ts';
export * from './transcriber.ts';
