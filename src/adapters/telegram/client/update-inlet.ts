import type { TelegramClient } from 'telegram';
import { UpdateManager } from 'telegram/client/updates/manager.js';
import type { Api } from 'telegram/tl/index.js';

const nothing = async (): Promise<void> => undefined;

/**
 * Stands where the client library keeps its own update state: hands every update on as it came, and does nothing else.
 * The library acknowledges updates when it has shown them; ours are acknowledged once they are stored, so the state is
 * kept by us alone.
 */
export class UpdateInlet extends UpdateManager {
  readonly #receive: (updates: Api.TypeUpdates) => void;

  constructor(client: TelegramClient, receive: (updates: Api.TypeUpdates) => void) {
    super(client);
    this.#receive = receive;
  }

  override onUpdates(updates: Api.TypeUpdates): void {
    this.#receive(updates);
  }

  override ensureState = nothing;
  override catchUp = nothing;
  override recoverIfStale = nothing;
}
