export { scryptSealer } from './sealer.ts';
export { makeBackupShelf } from './shelf.ts';
