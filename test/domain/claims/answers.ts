import { deedsOfTool } from '../../../src/domain/claims/deed.ts';
import { type DeedBacking, falseDeeds } from '../../../src/domain/claims/deed-backing.ts';
import type { Answer } from './corpus/answer.ts';

export const backingOf = ({ ran = [], before = [], shown = '', asked = 'Please do it.' }: Omit<Answer, 'text'>): DeedBacking => ({
  done: ran.map((tool) => ({ deeds: deedsOfTool(tool), words: shown })),
  earlier: before.map((tool) => ({ deeds: deedsOfTool(tool), words: shown })),
  said: [],
  heard: [asked],
  showsFiles: false,
});

export const untrue = ({ text, ...rest }: Answer): readonly string[] => falseDeeds(text, backingOf(rest)).map((claim) => claim.text);
