import type { FastifyInstance } from 'fastify';
import type { HttpApi } from '../../../ports/index.ts';
import { mount } from '../mount.ts';
import { RequestError } from '../request-error.ts';

/** The self-ping, on request. */
export const mountSelfPing = (app: FastifyInstance, api: HttpApi): void =>
  mount(app, '/api/self-ping', {
    POST: async () => {
      const pinged = await api.pingSelf();
      if (!pinged.ok) throw new RequestError(409, pinged.error.code, pinged.error.message);
      return pinged.value;
    },
  });
