import { promiseView } from '../../adapters/views/index.ts';
import { DEFAULT_LOCAL_CHAT, OPERATOR_ID } from '../../domain/index.ts';
import { TOKENS } from '../tokens.ts';
import { VERSION } from '../version.ts';
import { whyNotAgent } from './named-agent.ts';
import { withContext } from './with-context.ts';

/**
 * Serves promises to the MCP client at standard input and output, until it closes the input. Standard output holds
 * nothing but the protocol. Results come to the local chat, too.
 */
export const serveMcp = (): Promise<void> =>
  withContext(async ({ get }) => {
    const [{ serveMcp: serve }, { watchPromise }] = await Promise.all([
      import('../../adapters/mcp-server/index.ts'),
      import('../../application/index.ts'),
    ]);
    const [{ makePromise, cancelPromise }, queries, changes, clock, events, redact, config] = await Promise.all([
      get(TOKENS.commands),
      get(TOKENS.queries),
      get(TOKENS.changes),
      get(TOKENS.clock),
      get(TOKENS.events),
      get(TOKENS.redact),
      get(TOKENS.config),
    ]);
    const { listPromises, getPromise } = queries;
    const origin = { chatId: DEFAULT_LOCAL_CHAT, chatKind: 'direct', requestedBy: { id: OPERATOR_ID } } as const;
    await serve({
      version: VERSION,
      redact,
      tools: {
        makePromise: (request) => makePromise(request, origin),
        whyNotAgent: (name) => whyNotAgent(name, config)?.message,
        listPromises,
        getPromise,
        cancelPromise,
        watchPromise: (id, tell) =>
          watchPromise({ getPromise, changes, clock, events, id }, { onFirst: (promises) => promises.forEach(tell), onChange: tell }),
        view: promiseView,
      },
    });
  });
