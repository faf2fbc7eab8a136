import type { Container, ServiceIdentifier } from 'inversify';

/** A symbol that remembers the type of what is bound to it. */
export type Token<T> = ServiceIdentifier<T> & symbol & { readonly __service?: T };

export const token = <T>(name: string): Token<T> => Symbol(name) as Token<T>;

type Named = Readonly<Record<string, Token<unknown>>>;
/** What the tokens stand for, by the same names. */
type Resolved<N> = { readonly [K in keyof N]: N[K] extends Token<infer T> ? T : never };
/** A token for each part that `P` needs, and for nothing that it does not know. */
type TokensFor<N, P> = { readonly [K in keyof P]: Token<P[K]> } & { readonly [K in Exclude<keyof N, keyof P>]: never };

/**
 * Binds one shared instance to `id`. `make` is called once, when it is first asked for, with what `parts` names: a part
 * that is missing, misspelt or of another type is a compile error.
 */
export const bind = <T, const N extends Named, P = Resolved<N>>(
  container: Pick<Container, 'bind'>,
  id: Token<T>,
  parts: N & TokensFor<N, NoInfer<P>>,
  make: (parts: P) => T | Promise<T>,
): void => {
  const names = Object.keys(parts);
  const makeByName = (...values: readonly unknown[]): T => make(Object.fromEntries(names.map((name, at) => [name, values[at]])) as P) as T;
  container
    .bind<T>(id)
    .toResolvedValue(makeByName, names.map((name) => (parts as Named)[name]) as never)
    .inSingletonScope();
};
