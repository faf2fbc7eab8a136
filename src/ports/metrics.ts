/** Metrics of a process, as text that Prometheus reads. */
export interface MetricsText {
  /** The value of the `Content-Type` header: it names the format. */
  readonly contentType: string;
  readonly text: string;
}

export interface Metrics {
  /** MUST resolve within a few seconds, whatever hangs: what can't be read then is absent. */
  read(): Promise<MetricsText>;
}
