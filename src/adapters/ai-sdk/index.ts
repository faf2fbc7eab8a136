export * from './ai-sdk-model.ts';
export { probeAiSdkModel } from './provider.ts';
