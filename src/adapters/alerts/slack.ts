import type { Alert } from '../../domain/alert/alert.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { request } from '../../ports/adapter-kit/notice-request.ts';
import type { AlertChannel } from '../../ports/alert-channel.ts';
import { type AlertOrigin, boundedAlert, headline, headlineOf, originLines } from './alert-text.ts';

export interface SlackOptions {
  readonly url: string;
  readonly limitMs?: number;
  readonly origin?: AlertOrigin | undefined;
}

/** Slack takes 3,000 characters in a section, as they are after escaping. */
const MAX_SECTION = 2_900;
const MAX_TEXT = 300;

/** An incoming webhook of Slack: one message for what belongs together, of a section for each alert. */
export const makeSlackChannel = ({ url, limitMs, origin }: SlackOptions): AlertChannel => ({
  name: 'slack',
  sendsTogether: true,
  send: (alerts, signal) => {
    const all = alerts.map(boundedAlert);
    return request({
      who: 'Slack',
      variable: 'ALERT_SLACK_WEBHOOK_URL',
      url,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      // The text is what a notification shows.
      body: JSON.stringify({
        text: escaped(headlineOf(all), MAX_TEXT),
        blocks: [...all.map(sectionOf), ...originLines(origin).map(originSection)],
      }),
      signal,
      limitMs,
      refusesPages: true,
      // A word such as `no_service` or `channel_is_archived`.
      detail: (body) => /^[a-z][a-z_]{2,50}$/.exec(body.trim())?.[0],
    });
  },
});

const MARKS = {
  critical: ':red_circle:',
  error: ':large_orange_circle:',
  warning: ':large_yellow_circle:',
  info: ':large_blue_circle:',
} as const;

const originSection = (line: string) => ({ type: 'section', text: { type: 'mrkdwn', text: escaped(line, MAX_TEXT) } });

const sectionOf = (alert: Alert) => {
  const mark = alert.status === 'resolved' ? ':white_check_mark:' : MARKS[alert.severity];
  const title = `${mark} *${escaped(headline(alert), MAX_TEXT).replaceAll('*', '∗')}*`;
  const text = alert.status === 'resolved' ? title : `${title}\n${escaped(alert.detail, MAX_SECTION - title.length)}`;
  return { type: 'section', text: { type: 'mrkdwn', text } };
};

/** Slack reads `<!channel>` as a call to everybody, and `&lt;` as a sign. Cut so that it fits once it is escaped. */
const escaped = (text: string, length: number): string => {
  const inEntities = (part: string): string => part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  let kept = excerpt(text, length);
  while (inEntities(kept).length > length)
    kept = excerpt(text, kept.length - Math.max(2, Math.ceil((inEntities(kept).length - length) / 5)));
  return inEntities(kept);
};
