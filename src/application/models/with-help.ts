import { isPortError, PortError, type PortErrorCode } from '../../ports/port-error.ts';
import type { PatientModel } from './idle-watchdog.ts';

export type ModelHelp = Readonly<Partial<Record<PortErrorCode, string>>>;

/** The model, whose failures say what an operator should look at. */
export const withHelp = (model: PatientModel, help: ModelHelp): PatientModel => ({
  ...model,
  respond: async (request, options) => {
    try {
      return await model.respond(request, options);
    } catch (error) {
      const words = isPortError(error) && error.help === undefined ? help[error.code] : undefined;
      if (!isPortError(error) || words === undefined) throw error;
      throw new PortError(error.code, error.message, { ...error, help: words, cause: error });
    }
  },
});
