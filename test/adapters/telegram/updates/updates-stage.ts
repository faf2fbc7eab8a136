import { expect } from 'chai';
import { ANN, BOT, type Life, type Stage, supergroupId } from '../gateway-stage.ts';

export const differences = ({ server }: Stage): number =>
  server.calls.items.filter(({ method }) => method === 'updates.getDifference').length;

/** What Telegram would tell a process that starts now. */
export const storedPts = async ({ state }: Stage): Promise<number> => JSON.parse((await state.get('updates')) ?? '{}').pts;

export const say = ({ server }: Stage, ...texts: readonly string[]) =>
  texts.map((text) => server.world.sendMessage({ from: ANN, chat: BOT, text }));
export const sayInSupergroup = ({ server }: Stage, ...texts: readonly string[]) =>
  texts.map((text) => server.world.sendMessage({ from: ANN, chat: supergroupId, text }));

export const numbers = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, at) => `number ${from + at}`);

export const expectOnceInOrder = (life: Life, texts: readonly string[]): void => {
  expect(life.texts()).to.deep.equal(texts);
};
