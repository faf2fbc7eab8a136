import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { WordQuery } from '../../domain/conversation/words.ts';
import type { Link } from '../../domain/recall/link.ts';

/** The web addresses that were saved, of each tenant. */
export interface LinkStore {
  /**
   * Saves links, each once per tenant and key: of one that is saved already, only a new note is taken. One that
   * somebody asks to save (without `messageId`) stays from then on, whatever message is erased. Resolves to how many
   * are new. MUST keep at most `MAX_LINKS_PER_TENANT` of a tenant, and lose the earliest ones first.
   */
  save(links: readonly Link[]): Promise<number>;
  /** At most `limit` links of a tenant, newest first; with a query, those that it finds (`wordsOfLink`). */
  find(filter: { readonly tenant: string; readonly query?: WordQuery; readonly limit: number }): Promise<readonly Link[]>;
  count(tenant: string): Promise<number>;
  /** Removes a tenant's link. Resolves to whether it was there. */
  remove(tenant: string, key: string): Promise<boolean>;
  /** Removes the links that these messages brought, except those whose keys are in `stillBrought`. */
  erase(chatId: ChatId, messageIds: readonly MessageId[], stillBrought?: readonly string[]): Promise<void>;
}
