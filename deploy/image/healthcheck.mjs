/**
 * Whether the process of this container answers: a bot at PORT, a worker at KEPT_METRICS_PORT. It asks over loopback, so
 * that the name in a certificate is no matter. Exit code 1 where nobody does.
 */
import { request as askPlain } from 'node:http';
import { request as askSecure } from 'node:https';

const LIMIT_MS = 4_000;
const { HOST = '', PORT = '9000', KEPT_METRICS_PORT = '', SSL_CERTFILE = '' } = process.env;
const everywhere = ['', '0.0.0.0', '::', 'localhost'].includes(HOST);

const answers = (port) =>
  new Promise((resolve) => {
    const ask = SSL_CERTFILE === '' ? askPlain : askSecure;
    const asked = ask(
      { host: everywhere ? '127.0.0.1' : HOST, port, path: '/health', rejectUnauthorized: false, timeout: LIMIT_MS },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('late'))).on('error', () => resolve(false));
    asked.end();
  });

const ports = [...new Set([PORT, KEPT_METRICS_PORT])].filter((port) => port !== '');
if ((await Promise.all(ports.map(answers))).includes(true)) process.exit(0);
console.error(`nobody answers GET /health at port ${ports.join(' or ')}`);
process.exit(1);
