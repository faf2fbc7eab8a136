import { capitals, from, hex, made } from '../domain/redaction/made-secrets.ts';

/** The text with its figures turned by what `n` says: another one for each `n` below 256. */
const turned = (text: string, n: number): string =>
  text.replace(/[a-f\d]/g, (letter, at: number) => {
    const letters = '0123456789abcdef';
    return letters[(letters.indexOf(letter) + (at % 2 === 0 ? n : Math.floor(n / 16))) % 16] ?? letter;
  });
const word = (length: number, n: number): string => turned(made(length), n);
const figures = (length: number, n: number): string => turned(hex(length), n);
const upper = (length: number, n: number): string => capitals(length - 3) + String(n).padStart(3, '0');

/** Forty shapes of secrets, as their makers write them, and as people write theirs. */
const SHAPES: readonly ((n: number) => string)[] = [
  (n) => from('sk-ant-', 'api03-', word(93, n), 'AA'),
  (n) => from('sk-', 'proj-', word(60, n)),
  (n) => from('sk-or-', 'v1-', figures(64, n)),
  (n) => from('pplx', '-', word(48, n)),
  (n) => from('gsk', '_', word(52, n)),
  (n) => from('xai', '-', word(80, n)),
  (n) => from('r8', '_', word(37, n)),
  (n) => from('hf', '_', word(34, n)),
  (n) => from('nvapi', '-', word(64, n)),
  (n) => from('AK', 'IA', upper(16, n)),
  (n) => from('AI', 'za', word(35, n)),
  (n) => from('ya', '29.', word(60, n)),
  (n) => from('GOC', 'SPX-', word(28, n)),
  (n) => from('gh', 'p_', word(36, n)),
  (n) => from('github', '_pat_', word(82, n)),
  (n) => from('gl', 'pat-', word(20, n)),
  (n) => from('AT', 'BB', word(32, n)),
  (n) => from('lin', '_api_', word(40, n)),
  (n) => from('nt', 'n_', word(46, n)),
  (n) => from('xo', 'xb-', '123456789012-', word(24, n)),
  (n) => from('sk', '_live_', word(24, n)),
  (n) => from('rk', '_test_', word(24, n)),
  (n) => from('wh', 'sec_', word(32, n)),
  (n) => from('S', 'K', figures(32, n)),
  (n) => from('S', 'G.', word(22, n), '.', word(43, n)),
  (n) => from('ke', 'y-', figures(32, n)),
  (n) => from('py', 'pi-', 'AgEIcHlwaS5vcmc', word(60, n)),
  (n) => from('np', 'm_', word(36, n)),
  (n) => from('dckr', '_pat_', word(27, n)),
  (n) => from('do', 'p_v1_', figures(64, n)),
  (n) => from('fo', '1_', word(43, n)),
  (n) => from('vc', 'p_', word(56, n)),
  (n) => from('nf', 'p_', word(36, n)),
  (n) => from('sb', 'p_', figures(40, n)),
  (n) => from('da', 'pi', figures(32, n)),
  (n) => from('shp', 'at_', figures(32, n)),
  (n) => from('hv', 's.', word(95, n)),
  (n) => from('ts', 'key-auth-', word(30, n)),
  (n) => from('ruby', 'gems_', figures(48, n)),
  (n) => from('pscale', '_tkn_', word(43, n)),
];

export interface Planted {
  readonly shape: number;
  readonly secret: string;
}

/** A hundred secrets of forty shapes, each another one. */
export const PLANTED: readonly Planted[] = Array.from({ length: 100 }, (_, i) => {
  const shape = i % SHAPES.length;
  return { shape, secret: SHAPES[shape]?.(i + 1) ?? '' };
});

/** The part of a secret that nobody can have by chance: neither its beginning, nor what is short. */
export const traceOf = (secret: string): string => secret.slice(Math.max(8, secret.length - 24));
