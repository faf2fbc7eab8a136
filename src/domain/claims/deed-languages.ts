import type { DeedPhrases } from './deed-phrases.ts';
import { ENGLISH } from './phrases/english.ts';
import { FRENCH } from './phrases/french.ts';
import { GERMAN } from './phrases/german.ts';
import { ITALIAN } from './phrases/italian.ts';
import { PORTUGUESE } from './phrases/portuguese.ts';
import { RUSSIAN } from './phrases/russian.ts';
import { SPANISH } from './phrases/spanish.ts';

export const DEED_LANGUAGES: readonly DeedPhrases[] = [ENGLISH, GERMAN, FRENCH, SPANISH, PORTUGUESE, ITALIAN, RUSSIAN];
