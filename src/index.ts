/**
 * Kept as a library: the domain, the use cases, and the ports to bring your own adapters for.
 * Importing it loads no third-party module; ready adapters are under `kept/adapters/<name>`.
 */
export * from './application/index.ts';
export * from './domain/index.ts';
export { makeKept } from './library/make-kept.ts';
export * from './ports/index.ts';
