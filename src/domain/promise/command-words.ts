import type { PromiseId } from './promise.ts';
import type { ScheduleId } from './schedule.ts';

/** What `/help` says of the commands on promises. */
export const promiseCommandHelp = {
  promises: 'list the promises of this chat',
  cancel: 'cancel a promise',
  retry: 'try a failed or cancelled promise again',
} as const;

/** What `/promises`, `/cancel` and `/retry` say: the same words in every chat and in the terminal. */
export const promiseCommandWords = {
  noPromises: 'There are no promises in this chat.',
  whichPromise: (command: 'cancel' | 'retry'): string => `Which promise? For example: /${command} 3. /promises lists them.`,
  noSuchPromise: (id: PromiseId): string => `There is no promise #${id} in this chat.`,
  noSuchSchedule: (id: ScheduleId): string => `There is no schedule #${id} in this chat.`,
  cancelled: (id: PromiseId): string => `Promise #${id} was cancelled.`,
  retried: (id: PromiseId): string => `Promise #${id} will be tried again.`,
  scheduleEnded: (id: ScheduleId): string => `Schedule #${id} was ended. Promises that it made stay as they are.`,
  notDone: (reason: string): string => `Not done: ${reason}.`,
} as const;
