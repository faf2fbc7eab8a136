import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import type { Desk } from '../../ports/use-cases/desk.ts';
import type { GetSteps } from '../../ports/use-cases/queries.ts';
import { makeListChats, makeReadConversation } from './chats.ts';
import { makePagePromises, makeTellPromise } from './promises.ts';

/** What an operator looks at in the stores. */
export const makeDesk = ({
  stores: { messages, outbox, promises, ledger },
  policy,
  getSteps,
}: {
  readonly stores: Pick<Stores, 'messages' | 'outbox' | 'promises' | 'ledger'>;
  readonly policy: Pick<AccessPolicy, 'workspaces'>;
  readonly getSteps: GetSteps;
}): Pick<Desk, 'listChats' | 'readConversation' | 'pagePromises' | 'tellPromise'> => ({
  listChats: makeListChats({ messages, promises, policy }),
  readConversation: makeReadConversation({ messages, outbox }),
  pagePromises: makePagePromises({ promises }),
  tellPromise: makeTellPromise({ promises, outbox, ledger, getSteps }),
});
