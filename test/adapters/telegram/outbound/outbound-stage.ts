import { isPortError, type PortError } from '../../../../src/ports/index.ts';
import { ANN, type answer, BOT, delivered, type Life, numberOf, type Stage } from '../gateway-stage.ts';

export const failureOf = async (work: Promise<unknown>): Promise<PortError> => {
  try {
    await work;
  } catch (error) {
    if (isPortError(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
};

/** As the outbox does it: again, with the same random id, until it is known that it arrived. */
export const sendUntilDelivered = async (life: Life, message: ReturnType<typeof answer>): Promise<number> => {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      return await delivered(life, message);
    } catch (error) {
      if (!isPortError(error) || !error.retryable) throw error;
      await life.until('connected', () => life.gateway.health().status === 'ok');
    }
  }
  throw new Error('never delivered');
};

/** What stands in the chat under our name. */
export const ours = ({ server }: Stage, chat: number): readonly string[] =>
  server.world
    .history(BOT, chat)
    .filter(({ from }) => from === BOT)
    .map(({ text }) => text);

export const asked = async (stage: Stage, life: Life, chat: number, text = 'a question'): Promise<number> => {
  stage.server.world.sendMessage({ from: ANN, chat: chat === ANN ? BOT : chat, text });
  await life.untilReceived(text);
  return numberOf(life, text);
};
