import { z } from 'zod';
import { single } from './inputs.ts';
import { told } from './schemas/names.ts';

/** Names the list beside the place, so that a cursor of another list is told from one of this. */
const written = (list: string, place: unknown): string => Buffer.from(JSON.stringify([list, place])).toString('base64url');

const read = (list: string, text: string): unknown => {
  try {
    const [of, place] = JSON.parse(Buffer.from(text, 'base64url').toString()) as readonly unknown[];
    return of === list ? place : undefined;
  } catch {
    return undefined;
  }
};

/** What comes back with a page where there are more: the `cursor` of the next one. */
export interface Rest {
  readonly next?: string;
}

/**
 * The one way in which lists go on: `limit` says how many items a page has, and `next` of a page is the `cursor` of the
 * page behind it. A handler asks for one item more than it shows (`limit + 1`), and gives them to `page`.
 */
export const pagesOf = <Place>(list: string, place: z.ZodType<Place>, example: Place) => ({
  /** The parameter `cursor`, read as the place from which the list goes on. */
  cursor: told(
    single.transform((text, context) => {
      const found = place.safeParse(read(list, text));
      if (found.success) return found.data;
      context.addIssue({ code: 'custom', message: 'must be the `next` of an earlier page of this list' });
      return z.NEVER;
    }),
    'The `next` of the page before',
    { examples: [written(list, example)] },
  ).optional(),
  /** The `next` of a page behind that place; none where there is no such place. */
  behind: (from: Place | undefined): Rest => (from === undefined ? {} : { next: written(list, from) }),
  /**
   * The items of the page, and where the list goes on: behind the last of them or, where pages go `back`, before the
   * first.
   */
  page: <Item>(
    found: readonly Item[],
    { limit, back = false, placeOf }: { readonly limit: number; readonly back?: boolean; readonly placeOf: (item: Item) => Place },
  ): { readonly items: readonly Item[]; readonly rest: Rest } => {
    const items = back ? found.slice(-limit) : found.slice(0, limit);
    const edge = back ? items[0] : items.at(-1);
    return { items, rest: found.length > limit && edge !== undefined ? { next: written(list, placeOf(edge)) } : {} };
  },
});

/** Of a list that is newest first, by numbers: it goes on behind the number that was shown last. */
export const numberedPages = <Id extends number>(list: string, construct: (raw: number) => Id) =>
  pagesOf<Id>(
    list,
    z
      .int()
      .positive()
      .transform((raw) => construct(raw)) as z.ZodType<Id>,
    construct(3),
  );
