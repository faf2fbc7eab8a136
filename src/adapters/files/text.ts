/** Bytes looked at to tell text from binary, as git does. */
export const SNIFFED_BYTES = 8_000;

/** UTF-8 text holds no NUL; nearly every binary format does, early. */
export const isBinary = (head: Uint8Array): boolean => head.subarray(0, SNIFFED_BYTES).includes(0);

/** The part of `bytes` that holds whole UTF-8 characters, where `isEnd` says whether the file ends with it. */
export const wholeCharacters = (bytes: Buffer, isEnd: boolean): { readonly start: number; readonly end: number } => {
  let start = 0;
  while (start < Math.min(3, bytes.length) && isContinuation(bytes[start])) start++;
  if (isEnd || bytes.length === 0) return { start, end: bytes.length };
  let lead = bytes.length - 1;
  while (lead > bytes.length - 4 && lead > start && isContinuation(bytes[lead])) lead--;
  const isCut = lead + lengthOf(bytes[lead]) > bytes.length;
  const end = isCut ? lead : bytes.length;
  // Never empty: a reader that continues from the end must advance.
  return end > start ? { start, end } : { start: 0, end: bytes.length };
};

const isContinuation = (byte = 0): boolean => (byte & 0xc0) === 0x80;
const lengthOf = (lead = 0): number => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1);
