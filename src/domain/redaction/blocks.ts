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
