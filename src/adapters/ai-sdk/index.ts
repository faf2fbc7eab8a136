export * from './ai-sdk-model.ts';
