export * from './change-feed.ts';
export * from './leader-lease.ts';
export * from './storage.ts';
