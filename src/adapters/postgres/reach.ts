/** How a database is reached. */
export interface Reach {
  readonly url: string;
  /** How long a connection may take: to be made, or to become free. 10 s unless told. */
  readonly connectTimeoutMs?: number;
  /** Whether logins are bound to their TLS connection where the server offers it (SCRAM-SHA-256-PLUS). */
  readonly bindsChannel?: boolean;
}
