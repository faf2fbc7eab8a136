import { Api } from 'telegram/tl/index.js';
import type { MessageButton } from '../../../domain/index.ts';

/** What a button may carry, in bytes (https://core.telegram.org/constructor/inlineButtonTypeCallback). */
const MAX_DATA = 64;

/** Buttons in one row below a message; undefined where there is none that Telegram takes. */
export const inlineButtons = (buttons: readonly MessageButton[] = []): Api.ReplyInlineMarkup | undefined => {
  const taken = buttons.map(({ label, data }) => ({ text: label, data: Buffer.from(data, 'utf8') }));
  const fitting = taken.filter(({ text, data }) => text.trim() !== '' && data.length > 0 && data.length <= MAX_DATA);
  if (fitting.length === 0) return undefined;
  const row = new Api.KeyboardInlineButtonRow({
    buttons: fitting.map(({ text, data }) => new Api.KeyboardInlineButton({ text, type: new Api.InlineButtonTypeCallback({ data }) })),
  });
  return new Api.ReplyInlineMarkup({ rows: [row] });
};
