const ROUND = primes(64).map((prime) => fraction(Math.cbrt(prime)));
const START = primes(8).map((prime) => fraction(Math.sqrt(prime)));

/** The SHA-256 of a text's UTF-8, in hexadecimal. Half of a surrogate pair counts as U+FFFD. */
export const sha256 = (text: string): string => {
  const words = paddedWords(utf8(text));
  const state = [...START];
  const schedule = new Array<number>(64).fill(0);
  for (let block = 0; block < words.length; block += 16) mix(state, words, block, schedule);
  return state.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
};

const utf8 = (text: string): readonly number[] => {
  const bytes: number[] = [];
  for (const each of text.toWellFormed()) {
    const point = each.codePointAt(0) ?? 0;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), tail(point));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), tail(point >> 6), tail(point));
    else bytes.push(0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point));
  }
  return bytes;
};

const tail = (bits: number): number => 0x80 | (bits & 0x3f);

/** The message in words of 32 bits, with the one bit and the length that end it. */
const paddedWords = (bytes: readonly number[]): readonly number[] => {
  const words = new Array<number>(((bytes.length + 8) >> 6) * 16 + 16).fill(0);
  [...bytes, 0x80].forEach((byte, at) => {
    words[at >> 2] = (words[at >> 2] ?? 0) | (byte << (24 - (at % 4) * 8));
  });
  words[words.length - 2] = Math.floor(bytes.length / 0x20000000);
  words[words.length - 1] = (bytes.length << 3) >>> 0;
  return words;
};

const mix = (state: number[], words: readonly number[], block: number, w: number[]): void => {
  const at = (list: readonly number[], index: number): number => list[index] ?? 0;
  for (let i = 0; i < 64; i++) {
    if (i < 16) w[i] = at(words, block + i);
    else {
      const [a, b] = [at(w, i - 15), at(w, i - 2)];
      const small0 = right(a, 7) ^ right(a, 18) ^ (a >>> 3);
      const small1 = right(b, 17) ^ right(b, 19) ^ (b >>> 10);
      w[i] = (at(w, i - 16) + small0 + at(w, i - 7) + small1) | 0;
    }
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const one = (h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & f) ^ (~e & g)) + at(ROUND, i) + at(w, i)) | 0;
    const two = ((right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] = (at(state, i) + word) | 0;
  });
};

const right = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

function primes(count: number): readonly number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

/** The first 32 bits behind the point. */
function fraction(value: number): number {
  return ((value - Math.floor(value)) * 0x100000000) | 0;
}
