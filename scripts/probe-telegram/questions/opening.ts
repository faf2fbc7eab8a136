import { Api } from 'telegram/tl/index.js';
import { LAYER } from 'telegram/tl/runtime/registry.js';
import { rpcErrorOf } from '../../../src/adapters/telegram/errors.ts';
import type { Account } from '../account.ts';
import { type Context, type Question, Skip } from '../context.ts';

export const layer: Question = {
  number: 1,
  title: `Does layer ${LAYER} open (invokeWithLayer)?`,
  ask: async (context) => {
    const role = context.has('bot') ? 'bot' : 'person';
    const account = await context.account(role);
    const config = await account.call(new Api.help.GetConfig());
    return {
      answer: `yes: connections open with layer ${LAYER}, and calls are answered in it`,
      evidence: { testMode: config.testMode, thisDc: config.thisDc, config: context.shape({ dcOptions: config.dcOptions }) },
    };
  },
};

/**
 * What becomes of the account's session when it goes on from a second address so long after the first connection was
 * closed.
 */
const takeOver = async (context: Context, account: Account, afterMs: number): Promise<string> => {
  await account.cut();
  await context.prompts.wait(afterMs);
  try {
    const link = await context.fromElsewhere(account);
    await link.close();
    return 'let in';
  } catch (error) {
    if (error instanceof Skip) throw error;
    return rpcErrorOf(error) ?? (error instanceof Error ? error.message : String(error));
  }
};

/** Whether the first address still gets in. */
const back = async (account: Account): Promise<string> => {
  try {
    await account.reopen();
    await account.call(new Api.updates.GetState());
    return 'let in';
  } catch (error) {
    return rpcErrorOf(error) ?? (error instanceof Error ? error.message : String(error));
  }
};

export const places: Question = {
  number: 6,
  title: 'Is a session ended that goes on from a second address: after it was closed, and while it is open?',
  ask: async (context) => {
    context.needsElsewhere();
    const account = await context.account('spare');
    const tries: Record<string, string> = {};
    for (const afterMs of context.pace.takeOverMs) {
      tries[`${afterMs / 1000} s after the end`] = await takeOver(context, account, afterMs);
      tries[`${afterMs / 1000} s after the end, the first address again`] = await back(account);
    }
    try {
      const second = await context.fromElsewhere(account);
      tries['while the first is open'] = 'let in';
      await second.close();
    } catch (error) {
      tries['while the first is open'] = rpcErrorOf(error) ?? 'not let in';
    }
    const refused = Object.entries(tries).filter(([, outcome]) => outcome !== 'let in');
    return {
      answer: refused.length === 0 ? 'no: it is let in each time' : refused.map(([when, outcome]) => `${when}: ${outcome}`).join('; '),
      evidence: tries,
    };
  },
};
