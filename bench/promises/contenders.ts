import { bullmq } from './bullmq.ts';
import type { Contender } from './contender.ts';
import { graphile, graphileBatched } from './graphile-worker.ts';
import { kept, keptNormal, keptPostgres, keptPostgresQueue, keptQueue } from './kept.ts';
import { pgBoss } from './pg-boss.ts';
import { plainjobFull, plainjobNormal } from './plainjob.ts';

export const CONTENDERS = {
  kept,
  keptNormal,
  keptQueue,
  plainjobNormal,
  plainjobFull,
  keptPostgres,
  keptPostgresQueue,
  pgBoss,
  graphile,
  graphileBatched,
  bullmq,
} as const satisfies Record<string, Contender>;

export type ContenderKey = keyof typeof CONTENDERS;

export const KEYS = Object.keys(CONTENDERS) as readonly ContenderKey[];
export const contenderOf = (key: ContenderKey): Contender => CONTENDERS[key];
