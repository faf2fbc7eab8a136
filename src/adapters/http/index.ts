export * from './api.ts';
export { findTlsFault, requireFreePort } from './listening.ts';
export { type HttpServer, type HttpServerOptions, makeHttpServer } from './server.ts';
