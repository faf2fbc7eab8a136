import { request } from '../../ports/adapter-kit/notice-request.ts';
import type { DeadManSwitch } from '../../ports/alert-channel.ts';

export interface DeadManOptions {
  readonly url: string;
  readonly limitMs?: number;
}

/** Asks for an address that somebody outside expects to be asked for. GET is what every such service takes. */
export const makeDeadManSwitch = ({ url, limitMs }: DeadManOptions): DeadManSwitch => ({
  ping: (signal) => request({ who: "the dead-man's switch", variable: 'ALERT_DEADMAN_URL', url, method: 'GET', signal, limitMs }),
});
