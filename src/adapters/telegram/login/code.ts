import { Api } from 'telegram/tl/index.js';
import { present } from '../../../domain/shared/present.ts';
import type { Clock } from '../../../ports/index.ts';
import type { CodeChannel, CodeQuestion } from './questions.ts';

/** A code that is on its way. */
export interface SentCode {
  readonly hash: string;
  readonly sentTo: CodeChannel;
  readonly detail?: string;
  readonly length?: number;
  readonly next?: { readonly by: CodeChannel; readonly at: number };
}

const NEXT: Readonly<Record<string, CodeChannel>> = {
  'auth.CodeTypeSms': 'sms',
  'auth.CodeTypeCall': 'call',
  'auth.CodeTypeFlashCall': 'flash-call',
  'auth.CodeTypeMissedCall': 'missed-call',
  'auth.CodeTypeFragmentSms': 'fragment',
};

/** https://core.telegram.org/api/auth#code-types */
const channelOf = (type: Api.auth.TypeSentCodeType): Pick<SentCode, 'sentTo' | 'detail' | 'length'> => {
  if (type instanceof Api.auth.SentCodeTypeApp) return { sentTo: 'app' };
  if (type instanceof Api.auth.SentCodeTypeSms) return { sentTo: 'sms' };
  if (type instanceof Api.auth.SentCodeTypeSmsWord) return { sentTo: 'sms-word', ...detailed(type.beginning) };
  if (type instanceof Api.auth.SentCodeTypeSmsPhrase) return { sentTo: 'sms-phrase', ...detailed(type.beginning) };
  if (type instanceof Api.auth.SentCodeTypeCall) return { sentTo: 'call' };
  if (type instanceof Api.auth.SentCodeTypeFlashCall) return { sentTo: 'flash-call', ...detailed(type.pattern) };
  if (type instanceof Api.auth.SentCodeTypeMissedCall) return { sentTo: 'missed-call', length: type.length, ...detailed(type.prefix) };
  if (type instanceof Api.auth.SentCodeTypeEmailCode) return { sentTo: 'email', ...detailed(type.emailPattern) };
  if (type instanceof Api.auth.SentCodeTypeFragmentSms) return { sentTo: 'fragment', ...detailed(type.url) };
  return { sentTo: 'other' };
};

const detailed = (detail: string | undefined): { readonly detail?: string } => (detail ? { detail } : {});

export const readSentCode = ({ type, phoneCodeHash, nextType, timeout }: Api.auth.SentCode, clock: Clock): SentCode => ({
  hash: phoneCodeHash,
  ...channelOf(type),
  ...(nextType ? { next: { by: NEXT[nextType.className] ?? 'other', at: clock.now() + (timeout ?? 0) * 1000 } } : {}),
});

/** What stands in the person's answer for that channel: digits are written in groups, words are not. */
export const codeIn = (answer: string, sentTo: CodeChannel): string =>
  sentTo === 'sms-word' || sentTo === 'sms-phrase' ? answer.trim() : answer.replace(/[\s-]/g, '');

/** A code by e-mail is no code by telephone: Telegram wants it in its own place. */
export const signInBy = (phoneNumber: string, { hash, sentTo }: SentCode, code: string): Api.auth.SignIn =>
  new Api.auth.SignIn({
    phoneNumber,
    phoneCodeHash: hash,
    ...(sentTo === 'email' ? { emailVerification: new Api.EmailVerificationCode({ code }) } : { phoneCode: code }),
  });

/** The same code, for which Telegram sends no other. */
export const withoutNext = ({ next: _, ...code }: SentCode): SentCode => code;

export const questionOf = (
  { sentTo, detail, length, next }: SentCode,
  now: number,
  { retry, anew, noOther }: { readonly retry: boolean; readonly anew: boolean; readonly noOther: boolean },
): CodeQuestion => ({
  sentTo,
  retry,
  ...present({ detail, length }),
  ...(anew ? { anew } : {}),
  ...(next ? { again: { by: next.by, inMs: Math.max(0, next.at - now) } } : {}),
  ...(noOther ? { noOther } : {}),
});
