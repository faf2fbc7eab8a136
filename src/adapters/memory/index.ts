export * from './change-feed.ts';
export * from './storage.ts';
