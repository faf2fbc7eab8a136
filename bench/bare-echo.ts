import { createPublicKey } from 'node:crypto';
import { Api, Logger, TelegramClient } from 'telegram';
import { _serverKeys } from 'telegram/crypto/RSA.js';
import { NewMessage, type NewMessageEvent } from 'telegram/events/index.js';
import { LogLevel } from 'telegram/extensions/Logger.js';
import { returnBigInt } from 'telegram/Helpers.js';
import { MemorySession } from 'telegram/sessions/index.js';

/**
 * The peer: an echo by the client library alone. It keeps nothing: a message that comes while it is down, or is cut off
 * in the middle of its answer, is lost or answered twice.
 */
const { BENCH_HOST = '', BENCH_PORT = '', BENCH_DC = '', BENCH_TOKEN = '', BENCH_KEY = '', BENCH_FINGERPRINT = '' } = process.env;

const { n = '', e = '' } = createPublicKey(BENCH_KEY).export({ format: 'jwk' });
const number = (base64: string) => returnBigInt(BigInt(`0x${Buffer.from(base64, 'base64url').toString('hex')}`).toString());
_serverKeys.set(BENCH_FINGERPRINT, { n: number(n), e: number(e).toJSNumber() });

const session = new MemorySession();
session.setDC(Number(BENCH_DC), BENCH_HOST, Number(BENCH_PORT));
const client = new TelegramClient(session, 1, 'hash', { baseLogger: new Logger(LogLevel.NONE) });
client.addEventHandler(async ({ message }: NewMessageEvent) => {
  if (!message.out) await message.reply({ message: `You said “${message.message}”.` });
}, new NewMessage({}));
await client.connect();
await client.invoke(new Api.auth.ImportBotAuthorization({ apiId: 1, apiHash: 'hash', botAuthToken: BENCH_TOKEN, flags: 0 }));
await client.invoke(new Api.updates.GetState());
process.send?.('ready');
