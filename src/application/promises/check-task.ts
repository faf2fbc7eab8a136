import { DEFAULT_PROMISE_AGENT, isAgentName } from '../../domain/agent/agent.ts';
import { TASK_TYPES } from '../../domain/promise/promise.ts';
import { describe } from '../../domain/shared/brand.ts';
import { ok, type Result, refuse } from '../../domain/shared/result.ts';
import type { Redact } from '../../ports/redact.ts';
import type { TaskRefusal, TaskRequest } from '../../ports/use-cases/make-promise.ts';

export const MAX_DESCRIPTION_LENGTH = 10_000;

/** The task as it is kept, redacted and with its defaults; or what is wrong with it, in words. */
export const checkTask = (request: TaskRequest, redact: Redact): Result<Required<TaskRequest>, TaskRefusal> => {
  const description = redact(request.description.trim());
  const { agent = DEFAULT_PROMISE_AGENT, taskType = 'analysis', priority = 5 } = request;
  if (description === '' || description.length > MAX_DESCRIPTION_LENGTH)
    return invalid(`a promise's description must have 1 to ${MAX_DESCRIPTION_LENGTH} characters, not ${description.length}`);
  if (!Number.isInteger(priority) || priority < 1 || priority > 10)
    return invalid(`a priority is a whole number from 1 (first) to 10 (last), not ${priority}`);
  if (!TASK_TYPES.includes(taskType)) return invalid(`a task type is one of ${TASK_TYPES.join(', ')}`);
  if (!isAgentName(agent)) return invalid(`an agent's name is in small letters, digits, _ and -, not ${describe(agent)}`);
  return ok({ description, agent, taskType, priority });
};

export const invalid = (message: string): Result<never, TaskRefusal> => refuse('promise/invalid', message);
