export type * from './approvals.ts';
export type * from './command-promise.ts';
export type * from './http-api.ts';
export type * from './make-promise.ts';
export type * from './pairing.ts';
export type * from './queries.ts';
export type * from './recall.ts';
export type * from './schedules.ts';
