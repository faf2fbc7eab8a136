/** Something wrong, or worth knowing, in the configuration. Never holds the value of a secret. */
export interface ConfigProblem {
  /** A variable's name, or `<file>: <key path>`. */
  readonly place: string;
  readonly problem: string;
  /** What to do about it. */
  readonly hint: string;
  /** An error prevents the start; a warning does not. */
  readonly severity: 'error' | 'warning';
  /** The whole path of a file, where that file is open to other users of this machine. */
  readonly openFile?: string;
  /** Of such a file: not only its group has rights on it. */
  readonly isOpenToAll?: true;
  /** Of such a file: everybody may read it, and nobody else may change it. */
  readonly mayBeRead?: true;
  /** It is a problem because ENVIRONMENT is `production`. */
  readonly ofProduction?: true;
}

export const error = (place: string, problem: string, hint: string): ConfigProblem => ({ place, problem, hint, severity: 'error' });
export const warning = (place: string, problem: string, hint: string): ConfigProblem => ({ place, problem, hint, severity: 'warning' });

/** `did you mean "x"?`, where something near is known. */
export const suggestion = (near: string | undefined, otherwise: string): string =>
  near === undefined ? otherwise : `did you mean "${near}"?`;

/** `workspaces.Orchard.telegram_chat_ids[0]` */
export const keyPath = (path: readonly PropertyKey[]): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`)).join('');

/** Shorter values are common words (`ollama`): hiding them would only make texts unreadable. */
const SHORTEST_SECRET = 8;

/** Problems as they may be shown: a secret that was pasted into the wrong place is not repeated either. */
export const withoutSecrets = (problems: readonly ConfigProblem[], secrets: readonly string[]): ConfigProblem[] => {
  const known = secrets.filter((value) => value.length >= SHORTEST_SECRET).sort((a, b) => b.length - a.length);
  const clean = (text: string): string => known.reduce((rest, value) => rest.replaceAll(value, '[redacted]'), text);
  return problems.map((one) => ({ ...one, place: clean(one.place), problem: clean(one.problem), hint: clean(one.hint) }));
};
