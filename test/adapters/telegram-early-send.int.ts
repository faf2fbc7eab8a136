import { expect } from 'chai';
import { systemClock, systemRandomness } from '../../src/adapters/system/index.ts';
import { makeTelegramGateway } from '../../src/adapters/telegram/index.ts';
import { isPortError } from '../../src/ports/index.ts';
import { makeRecordingLogger } from '../../src/testing/index.ts';
import { ANN, answer, onStage, supergroupId } from './telegram-gateway-stage.ts';

describe('Telegram, before it is connected', () => {
  // The outbox is worked off from the first moment of a process: what it holds must wait, and not be given up.
  for (const account of ['bot', 'user'] as const)
    for (const [where, chat] of [
      ['a person', ANN],
      ['a supergroup', supergroupId],
    ] as const)
      it(`a ${account}'s message to ${where} is refused for now, not for good`, () =>
        onStage({ account }, async ({ state, settings }) => {
          const logger = makeRecordingLogger();
          const gateway = makeTelegramGateway({
            ...{ settings, state, clock: systemClock, randomness: systemRandomness, logger, isOurs: () => false },
          });
          const failure = await gateway.send(answer(chat, 'left over from yesterday')).catch((error: unknown) => error);
          expect(isPortError(failure) && [failure.code, failure.retryable]).to.deep.equal(['unavailable', true]);
        }));
});
