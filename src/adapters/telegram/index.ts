export * from './format/answer.ts';
export * from './inbound/to-incoming.ts';
