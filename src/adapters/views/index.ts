export { messageView } from './message-view.ts';
export { promiseView } from './promise-view.ts';
export { scheduleView } from './schedule-view.ts';
