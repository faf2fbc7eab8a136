export * from './rehearsal-model.ts';
