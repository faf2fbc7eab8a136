/** Blocks of keys, whole or cut: of SSH, TLS, PGP. In JSON their lines end with `\n` in two characters. */
export const KEY_BLOCK =
  /-----BEGIN [A-Z\d ]{0,60}(?:PRIVATE KEY|PGP MESSAGE)[A-Z ]{0,20}-----(?:[^-]|-(?!----END))*(?:-----END [A-Z\d ]{0,80}-----)?/g;
export const PUTTY_KEY = /PuTTY-User-Key-File-\d:[\s\S]*?(?:Private-MAC:[^\n]{0,200}|(?=PuTTY-User-Key-File)|$)/g;

const MARK =
  /-----BEGIN [A-Z\d ]{0,60}PRIVATE KEY[A-Z ]{0,20}-----(?:\s|\\[nr])|PuTTY-User-Key-File-\d:|AGE-SECRET-KEY-(?:PQ-)?1[A-Z\d]{40}/;

/** Whether a text holds a private key: then all of it is a secret, and so is each of its lines. */
export const holdsPrivateKey = (text: string): boolean => MARK.test(text);

/** The password in an address, after `://`. One with `/` in it counts where no port stands in its place. */
export const USER_INFO =
  /:\/\/(?:[^\s/:@"'<>()[\]]{0,256}:((?!\[redacted\]|\/)(?:[^\s/"'<>]{1,256}|(?!\d{1,5}\/)[^\s"'<>@?#]{1,256}))@|(?=[^\s/:@"'<>]{0,256}\d)([^\s/:@"'<>]{20,256})@)/g;

const KUBERNETES_SECRET = /^\s*"?kind"?:\s*"?Secret\b/m;
const DATA = /^[ \t]{0,16}(?:data|stringData):[ \t]*\r?\n((?:[ \t]+[^\n]*(?:\n|$))+)/gm;
const ENTRY = /^[ \t]+[\w.-]{1,253}:[ \t]+(?![|>])["']?([^\s"'#][^\n"']*)/gm;

/** Every value of a secret of Kubernetes, whatever it is called there. Each is handed on with where it begins. */
export const eachValueOfSecret = (text: string, use: (value: string, at: number) => void): void => {
  if (!text.includes('Secret') || !KUBERNETES_SECRET.test(text)) return;
  for (const data of text.matchAll(DATA)) {
    const entries = data[1] ?? '';
    const from = data.index + data[0].length - entries.length;
    for (const entry of entries.matchAll(ENTRY)) {
      const value = (entry[1] ?? '').trimEnd();
      use(value, from + entry.index + entry[0].indexOf(value));
    }
  }
};
