import { Api } from 'telegram/tl/index.js';
import { LAYER } from 'telegram/tl/runtime/registry.js';
import { rpcErrorOf } from '../../../src/adapters/telegram/client/errors.ts';
import { KeyForgotten } from '../../../src/adapters/telegram/client/link.ts';
import type { Account } from '../account.ts';
import { type Context, type Question, Skip, wordsOf } from '../context.ts';

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

/** What happens to a session that continues from a second address. Rejects if nothing answers there. */
const takeOver = async (context: Context, account: Account): Promise<string> => {
  try {
    const link = await context.fromElsewhere(account);
    await link.close();
    return 'let in';
  } catch (error) {
    if (error instanceof KeyForgotten) return 'the key is forgotten';
    if (rpcErrorOf(error) === undefined) throw new Skip(`Telegram can't be reached from the second address: ${wordsOf(error)}`);
    return wordsOf(error);
  }
};

/** Whether the first address can still connect. */
const back = async (account: Account): Promise<string> => {
  try {
    await account.reopen();
    await account.call(new Api.updates.GetState());
    return 'let in';
  } catch (error) {
    return wordsOf(error);
  }
};

export const secondAddress: Question = {
  number: 6,
  title: 'Is a session ended that goes on from a second address: after it was closed, and while it is open?',
  ask: async (context) => {
    context.needsElsewhere();
    const account = await context.account('spare');
    const tries: Record<string, string> = {};
    for (const afterMs of context.pace.takeOverMs) {
      await account.cut();
      await context.prompts.wait(afterMs);
      tries[`${afterMs / 1000} s after the end`] = await takeOver(context, account);
      tries[`${afterMs / 1000} s after the end, the first address again`] = await back(account);
    }
    tries['while the first is open'] = await takeOver(context, account);
    const refused = Object.entries(tries).filter(([, outcome]) => outcome !== 'let in');
    return {
      answer: refused.length === 0 ? 'no: it is let in each time' : refused.map(([when, outcome]) => `${when}: ${outcome}`).join('; '),
      evidence: tries,
    };
  },
};
