import { element } from './markdown.js';

const today = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const anyDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** A time that people read: of today, the hour; else with its day. */
export const timeElement = (iso) => {
  const at = new Date(iso);
  const isToday = at.toDateString() === new Date().toDateString();
  return element('time', { datetime: iso, title: at.toLocaleString() }, (isToday ? today : anyDay).format(at));
};
