import { promiseId } from '../../../src/domain/index.ts';
import { falseClaims, withoutClaims } from '../../../src/domain/promise/gate.ts';
import { buildPromise } from '../../../src/testing/index.ts';
import type { CLAIMS } from './gate-corpus.ts';

export const NOTHING = 'I have not started any background work for this.';
export const texts = (corpus: typeof CLAIMS) => Object.values(corpus).flat();
export const found = (text: string, backing: Partial<Parameters<typeof falseClaims>[1]> = {}) =>
  falseClaims(text, { made: [], cancelled: [], scheduled: false, stored: [], ...backing });
export const told = (text: string, backing?: Parameters<typeof found>[1]) => found(text, backing).map((claim) => claim.text);
export const truth = (text: string, backing?: Parameters<typeof found>[1]) => withoutClaims(text, found(text, backing));
export const promise = (id: number) => buildPromise({ id: promiseId(id) });
