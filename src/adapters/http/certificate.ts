import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { reasonOf } from '../../ports/index.ts';

/** A key and its certificate, each in PEM. */
export interface TlsPair {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** Why key and certificate can't be used together; undefined if they can. */
export const findTlsFault = ({ key, cert }: TlsPair): string | undefined => {
  if (isIn('CERTIFICATE', key) && isIn('PRIVATE KEY', cert)) return 'SSL_KEYFILE names the certificate and SSL_CERTFILE the key: swap them';
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch (error) {
    return `SSL_CERTFILE holds no certificate in PEM (${reasonOf(error)})`;
  }
  if (isEncrypted(key))
    return 'the key of SSL_KEYFILE is encrypted, and nobody is there to type its password: `openssl pkey -in KEYFILE -out PLAINFILE` writes it without; keep that with `chmod 600`';
  try {
    if (!certificate.checkPrivateKey(createPrivateKey(key))) return 'the key of SSL_KEYFILE is not that of the certificate';
  } catch (error) {
    return `SSL_KEYFILE holds no private key in PEM that can be read (${reasonOf(error)})`;
  }
  try {
    // What a chain, or a key that is too short, would break at the first connection.
    createSecureContext({ key, cert });
    return undefined;
  } catch (error) {
    return `TLS does not take the key and the certificate (${reasonOf(error)})`;
  }
};

/** When the first certificate of the file begins and ends to be valid, in ms since 1970. */
export const validityOf = (cert: Buffer): { readonly from: number; readonly until: number } => {
  const { validFrom, validTo } = new X509Certificate(cert);
  return { from: Date.parse(validFrom), until: Date.parse(validTo) };
};

const isIn = (what: string, pem: Buffer): boolean => new RegExp(`-----BEGIN [A-Z ]*${what}-----`).test(pem.toString('latin1'));

/** In the form of PKCS #8, or in the older one of OpenSSL. */
const isEncrypted = (key: Buffer): boolean => isIn('ENCRYPTED PRIVATE KEY', key) || /^Proc-Type:.*ENCRYPTED/m.test(key.toString('latin1'));
