import { isFound, joined, linkFields, MAX_LINKS_PER_TENANT, present, provenanceFields, wordsOfLink } from '../../domain/index.ts';
import type { LinkStore } from '../../ports/index.ts';
import { select } from './rows.ts';
import { type LinkRow, linkKey, type Tables } from './tables.ts';

const newestFirst = (a: LinkRow, b: LinkRow): number => b.sequence - a.sequence;

export const makeLinkStore = ({ links, next }: Tables): LinkStore => {
  const of = (tenant: string, matches: (row: LinkRow) => boolean = () => true, limit?: number): readonly LinkRow[] =>
    select(links.rows(), (row) => row.link.tenant === tenant && matches(row), newestFirst, limit);
  return {
    save: async (saved) => {
      let added = 0;
      for (const link of saved) {
        const known = links.get(linkKey(link));
        if (known) {
          const { messageId, provenance, ...rest } = known.link;
          // The address stays that of whoever saved it first, and others may have written in it.
          const from = link.note === undefined ? provenance : provenanceFields(joined([provenance, link.provenance]));
          const brought = present({ messageId: link.messageId && messageId, note: link.note ?? rest.note, provenance: from });
          links.put({ ...known, link: { ...rest, ...brought } });
          continue;
        }
        added++;
        links.put({ sequence: next('link'), link: linkFields(link) });
      }
      for (const tenant of new Set(saved.map((link) => link.tenant)))
        for (const { link } of of(tenant).slice(MAX_LINKS_PER_TENANT)) links.remove(linkKey(link));
      return added;
    },
    find: async ({ tenant, query, limit }) =>
      of(tenant, ({ link }) => query === undefined || isFound(wordsOfLink(link), query), limit).map(({ link }) => link),
    count: async (tenant) => of(tenant).length,
    remove: async (tenant, key) => {
      const isThere = links.get(linkKey({ tenant, key })) !== undefined;
      links.remove(linkKey({ tenant, key }));
      return isThere;
    },
    erase: async (chatId, messageIds, stillBrought = []) => {
      const isGone = (link: LinkRow['link']): boolean =>
        link.chatId === chatId && link.messageId !== undefined && messageIds.includes(link.messageId) && !stillBrought.includes(link.key);
      for (const { link } of [...links.rows()]) if (isGone(link)) links.remove(linkKey(link));
    },
  };
};
