/** How a database is reached. */
export interface Reach {
  readonly url: string;
  /** The most time for making a connection, or for one to become free. 10 s if absent. */
  readonly connectTimeoutMs?: number;
  /** Whether a login is bound to its TLS connection if the server offers that (SCRAM-SHA-256-PLUS). */
  readonly bindsChannel?: boolean;
}
