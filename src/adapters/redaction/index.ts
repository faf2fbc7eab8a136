export { makeRedactor } from './redact.ts';
