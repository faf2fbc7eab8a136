import { expect } from 'chai';
import { JSON_TYPE, type RawAnswer, rawRequest } from './http-client.ts';

export const TOKEN = 'open sesame, it is me';

/** As the page asks. */
export const asPage = (url: string, more: Record<string, string> = {}): Record<string, string> => ({
  origin: url,
  'sec-fetch-site': 'same-origin',
  ...more,
});
export const postToken = (url: string, token: unknown, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  rawRequest(`${url}/api/v1/session`, { method: 'POST', headers: { ...JSON_TYPE, ...asPage(url, headers) } }, JSON.stringify({ token }));
const cookieOf = ({ headers }: RawAnswer): string => headers['set-cookie']?.[0]?.split(';')[0] ?? '';
export const signIn = async (url: string, headers: Record<string, string> = {}, token = TOKEN) => {
  const answer = await postToken(url, token, headers);
  expect(answer.status, answer.body).to.equal(200);
  const { csrfToken } = JSON.parse(answer.body) as { readonly csrfToken: string };
  return { cookie: cookieOf(answer), csrf: csrfToken, line: answer.headers['set-cookie']?.[0] ?? '' };
};
export const statusOf = async (url: string, method: string, path: string, headers: Record<string, string>, body = ''): Promise<number> =>
  (await rawRequest(url + path, { method, headers }, body)).status;
