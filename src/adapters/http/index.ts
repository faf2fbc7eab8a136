export type { ApiViews } from './api-views.ts';
export { findTlsFault, type TlsPair, validityOf } from './certificate.ts';
export { requireFreePort } from './listening.ts';
export {
  type HttpServer,
  type HttpServerOptions,
  makeHttpServer,
  makeMetricsServer,
  type SentReply,
  type ServerSettings,
} from './server.ts';
