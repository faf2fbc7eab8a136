/** The longest address that is put behind a text. */
const MAX_URL_LENGTH = 2_048;

/** The address as Telegram opens it from behind a text; undefined where it would not, so that the address must be shown. */
export const openableUrl = (address: string): string | undefined => {
  if (address.length > MAX_URL_LENGTH || !/^https?:\/\//i.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  // Names without a dot (`localhost`) are no public addresses: Telegram drops such links, and the address with them.
  return url.hostname.includes('.') && url.href.length <= MAX_URL_LENGTH ? url.href : undefined;
};

/** What must be added to a link's text where it can't be opened from there: the address, unless the text says it already. */
export const shownAddress = (address: string, text: string): string => {
  const bare = address.replace(/^mailto:/i, '');
  if (bare === '' || text.includes(bare)) return '';
  return text.trim() === '' ? bare : ` (${bare})`;
};
