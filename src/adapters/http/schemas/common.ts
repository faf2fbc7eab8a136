import { z } from 'zod';
import { named, told } from './names.ts';

/** A time of a reply. */
export const instant = z.iso.datetime();
export const number = z.int().positive();
export const count = z.int().nonnegative();
/** A chat, person or message. */
export const id = z.string();
export const labels = z.array(z.string());

/** Where a list goes on. */
export const next = told(z.string(), 'The `cursor` of the next page; absent with the last one').exactOptional();

/** Every refusal. */
export const refusal = named(
  'Refusal',
  () =>
    z.object({
      error: z.object({
        code: told(z.string(), 'What is refused, for programs; stable from version to version'),
        message: told(z.string(), 'What is refused, and where, for people'),
        hint: told(z.string(), 'How to mend it').exactOptional(),
      }),
    }),
  'Why a request failed. Nothing of it was kept.',
);
