import { ANN, BOT, type Life, type Stage } from '../gateway-stage.ts';

export const calls = ({ server }: Stage, method: string): number => server.calls.items.filter((call) => call.method === method).length;
export const isUp = (life: Life) => (): boolean => life.gateway.health().status === 'ok';
export const isDown = (life: Life) => (): boolean => life.gateway.health().status === 'fail';

export const hello = async (stage: Stage, life: Life, text: string): Promise<void> => {
  stage.server.world.sendMessage({ from: ANN, chat: BOT, text });
  await life.untilReceived(text);
};
