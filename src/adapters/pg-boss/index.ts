export { type Boss, openBoss } from './boss.ts';
export { type Healing, startHealing } from './healing.ts';
export { makeBossQueue } from './queue.ts';
export { inServerTime } from './server-time.ts';
