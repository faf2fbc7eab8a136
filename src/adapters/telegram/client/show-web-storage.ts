import { hidden } from './hide-web-storage.ts';

for (const { name, property } of hidden) Object.defineProperty(globalThis, name, property);
