import { TASK_TYPES, type TaskType } from '../../domain/promise/promise.ts';
import { err, ok, type Result } from '../../domain/shared/result.ts';
import type { Redact } from '../../ports/redact.ts';

/** What is to be done, for a promise or for each of a schedule's. */
export interface TaskRequest {
  /** What to do, in words: 1 to 10,000 characters. */
  readonly description: string;
  /** `analysis` unless told. */
  readonly taskType?: TaskType;
  /** 1 (first) to 10 (last); 5 unless told. */
  readonly priority?: number;
}

export interface InvalidTask {
  readonly code: 'promise/invalid';
  readonly message: string;
}

export const MAX_DESCRIPTION_LENGTH = 10_000;

/** The task as it is kept, redacted and with its defaults; or what is wrong with it, in words. */
export const checkTask = (request: TaskRequest, redact: Redact): Result<Required<TaskRequest>, InvalidTask> => {
  const description = redact(request.description.trim());
  const { taskType = 'analysis', priority = 5 } = request;
  if (description === '' || description.length > MAX_DESCRIPTION_LENGTH)
    return invalid(`a promise's description must have 1 to ${MAX_DESCRIPTION_LENGTH} characters, not ${description.length}`);
  if (!Number.isInteger(priority) || priority < 1 || priority > 10)
    return invalid(`a priority is a whole number from 1 (first) to 10 (last), not ${priority}`);
  if (!TASK_TYPES.includes(taskType)) return invalid(`a task type is one of ${TASK_TYPES.join(', ')}`);
  return ok({ description, taskType, priority });
};

export const invalid = (message: string): Result<never, InvalidTask> => err({ code: 'promise/invalid', message });
