import type { Corpus } from './answer.ts';
import { ENGLISH } from './english.ts';
import { FRENCH } from './french.ts';
import { GERMAN } from './german.ts';
import { SPANISH } from './spanish.ts';

export const CORPUS: readonly Corpus[] = [ENGLISH, GERMAN, FRENCH, SPANISH];
