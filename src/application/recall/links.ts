import type { DecisionOf } from '../../domain/conversation/decision.ts';
import { wordQuery } from '../../domain/conversation/words.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import { saidByPerson } from '../../domain/recall/fact.ts';
import { MAX_LINKS_PER_TURN } from '../../domain/recall/limits.ts';
import { type Link, type ListedLinks, listedLinks, NO_LINKS, readLink } from '../../domain/recall/link.ts';
import { present } from '../../domain/shared/present.ts';
import { ok, refuse } from '../../domain/shared/result.ts';
import { writtenBy } from '../../domain/trust/shown.ts';
import { provenanceOfMessage } from '../../domain/trust/speaker.ts';
import { type AccessPolicy, tenantIn, tenantOf } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Redact } from '../../ports/redact.ts';
import type { LinkStore } from '../../ports/storage/link-store.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import type { DraftLink, SearchLinks } from '../../ports/use-cases/recall.ts';
import { askedByOne } from '../promises/asked-by.ts';

/** The most links that one search finds. */
const MAX_FOUND = 20;

/** Links are saved with the turn that says so, for the workspace, else for the room. */
export const makeDraftLink =
  ({ clock, redact }: { readonly clock: Clock; readonly redact: Redact }): DraftLink =>
  async ({ url, note, messageId }, context) => {
    const { draft, scope, chatId } = context;
    if (!draft) return refuse('link/not-here', 'no link can be saved outside of an answer to a message');
    const asked = askedByOne(context, messageId, 'asks for it');
    if (!asked.ok) return refuse('link/who', asked.error);
    const read = readLink(redact(url));
    if (!read) return refuse('link/invalid', 'that is no address of a web page: it begins with http:// or https://');
    if (draft.decisions.filter(({ type }) => type === 'save-link').length >= MAX_LINKS_PER_TURN)
      return refuse('link/too-many', `one answer saves at most ${MAX_LINKS_PER_TURN} links`);
    const link: Link = {
      ...read,
      tenant: tenantIn(scope, chatId),
      savedBy: saidByPerson(asked.value.requestedBy),
      chatId,
      savedAt: clock.now(),
      ...present({ note: note === undefined ? undefined : redact(note), provenance: writtenBy(context.shown) }),
    };
    draft.decide({ type: 'save-link', link });
    return ok(link);
  };

/** Finds links of the workspace, else of the room: all of them, or those that have all of these words. */
export const makeSearchLinks =
  ({ links }: { readonly links: Pick<LinkStore, 'find'> }): SearchLinks =>
  async (text, { scope, chatId }) => {
    const query = wordQuery(text);
    const found = await links.find({
      tenant: tenantIn(scope, chatId),
      limit: MAX_FOUND + 1,
      ...present({ query: query.length > 0 ? query : undefined }),
    });
    return { query, items: found.slice(0, MAX_FOUND), isMore: found.length > MAX_FOUND };
  };

/** Stores the links that a turn saves, inside its unit of work: in their order, so that the last note stays. */
export const applySaveLink = async ({ links }: Stores, decisions: readonly DecisionOf<'save-link'>[]): Promise<void> => {
  await links.save(decisions.map(({ link }) => link));
};

/**
 * Saves the links of a message as it reads now, and removes those that it no longer brings. Resolves to what it brings.
 */
export const keepLinks = async (
  links: Pick<LinkStore, 'save' | 'erase'>,
  message: IncomingMessage,
  { policy, at }: { readonly policy: AccessPolicy; readonly at: number },
): Promise<readonly Link[]> => {
  const { chat, messageId } = message;
  const brought = linksIn(message, policy, at);
  await links.erase(
    chat.id,
    [messageId],
    brought.map(({ key }) => key),
  );
  if (brought.length > 0) await links.save(brought);
  return brought;
};

/** The links of a message of a person that is nothing but links: they are saved with it. None of any other message. */
export const linksSavedWith = ({ sender, text }: Pick<IncomingMessage, 'sender' | 'text'>): ListedLinks =>
  sender.kind === 'bot' || sender.kind === 'self' ? NO_LINKS : listedLinks(text);

/** The same, as they are saved. */
export const linksIn = (message: IncomingMessage, policy: AccessPolicy, savedAt: number): readonly Link[] => {
  const { chat, messageId, sender } = message;
  return linksSavedWith(message).links.map((link) => ({
    ...link,
    tenant: tenantOf(policy, chat.id),
    savedBy: { id: sender.id, name: sender.username ?? sender.displayName ?? sender.id },
    chatId: chat.id,
    messageId,
    savedAt,
    provenance: provenanceOfMessage(policy, message),
  }));
};
