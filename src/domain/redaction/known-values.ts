/** Shorter values are words that stand everywhere (`ollama`): hiding them would only make texts unreadable. */
const SHORTEST_SECRET = 8;

/**
 * Every form in which a known value is written: as it is, in JSON and addresses, in base64 at each of its three places,
 * in hex.
 */
export const writtenForms = (secrets: readonly string[]): string[] => {
  const forms = secrets.filter(({ length }) => length >= SHORTEST_SECRET).flatMap(formsOf);
  // The longest first: a secret that begins with another one goes as a whole.
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
};

/** What finds a known value in any of its forms; undefined where there is none to find. */
export const knownValues = (secrets: readonly string[]): RegExp | undefined => {
  const base64 = new Set(secrets.flatMap(base64Forms));
  // What base64 ends with belongs to it.
  const forms = writtenForms(secrets).map((form) => escapeRegExp(form) + (base64.has(form) ? '(?:[\\w+/-]?={1,2})?' : ''));
  return forms.length === 0 ? undefined : new RegExp(forms.join('|'), 'g');
};

/** Fewer letters than these may stand behind each other by chance. */
const SHORTEST_SQUEEZED = 12;
const LETTER = /[A-Za-z0-9]/;
const NO_LETTERS = /[^A-Za-z0-9]+/g;

/** The letters and digits of every form of the known values, in small letters. */
export const squeezedForms = (secrets: readonly string[]): string[] => {
  const squeezed = [...writtenForms(secrets), ...secrets.flatMap((secret) => base64Forms(btoaText(secret)))].map(squeeze);
  const turned = secrets.map((secret) => [...squeeze(secret)].reverse().join(''));
  return [...new Set([...squeezed, ...turned])].filter(({ length }) => length >= SHORTEST_SQUEEZED);
};

/**
 * What finds a known value by its letters and digits alone: spelled out, in other case, turned round, cut by line ends,
 * quotes or marks, in lines of base64, in pairs of hex digits.
 */
export const makeSqueezedSearch = (secrets: readonly string[]): ((text: string, use: (start: number, end: number) => void) => void) => {
  const wanted = squeezedForms(secrets);
  return (text, use) => {
    if (wanted.length === 0) return;
    const letters = squeeze(text);
    let places: readonly number[] | undefined;
    for (const value of wanted)
      for (let at = letters.indexOf(value); at >= 0; at = letters.indexOf(value, at + value.length)) {
        places ??= placesOfLetters(text);
        use(places[at] ?? 0, (places[at + value.length - 1] ?? 0) + 1);
      }
  };
};

/**
 * How much of the text's end, in UTF-16 units, is the beginning of one of these forms, whatever stands between its
 * letters.
 */
export const squeezedBeginning = (forms: readonly string[], text: string): number => {
  const longest = Math.max(0, ...forms.map(({ length }) => length));
  let letters = '';
  const places: number[] = [];
  for (let at = text.length - 1; at >= 0 && places.length < longest && text.length - at < LONGEST_SPELLED; at--)
    if (LETTER.test(text.charAt(at))) places.unshift(at);
  for (const at of places) letters += text.charAt(at).toLowerCase();
  for (let from = 0; from <= letters.length - LEAST_BEGUN; from++) {
    const end = letters.slice(from);
    if (forms.some((form) => form.startsWith(end))) return text.length - (places[from] ?? text.length);
  }
  return 0;
};
const LONGEST_SPELLED = 4_000;
/** Fewer letters are the beginning of many things. */
const LEAST_BEGUN = 4;

const squeeze = (text: string): string => text.replace(NO_LETTERS, '').toLowerCase();
const placesOfLetters = (text: string): number[] => {
  const places: number[] = [];
  for (let at = 0; at < text.length; at++) if (LETTER.test(text.charAt(at))) places.push(at);
  return places;
};
const btoaText = (secret: string): string => (secret.isWellFormed() ? base64Within(new TextEncoder().encode(secret), 0) : '');

const formsOf = (secret: string): string[] => {
  const json = JSON.stringify(secret).slice(1, -1);
  // Lone surrogates have no bytes, and so no other form.
  if (!secret.isWellFormed()) return [secret, json];
  const bytes = new TextEncoder().encode(secret);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [
    secret,
    json,
    encodeURIComponent(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
    hex,
    hex.toUpperCase(),
    ...base64Forms(secret),
  ];
};

const base64Forms = (secret: string): string[] => {
  if (!secret.isWellFormed()) return [];
  const base64 = [0, 1, 2].map((before) => base64Within(new TextEncoder().encode(secret), before));
  return [...base64, ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
};

/**
 * The characters of base64 that the bytes alone decide, where so many bytes stand before them in their group of three.
 */
const base64Within = (bytes: Uint8Array, before: number): string => {
  const text = btoa('\0'.repeat(before) + Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
};

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
