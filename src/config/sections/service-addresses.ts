import { type ConfigProblem, error, warning } from '../problems.ts';

interface ServiceAddress {
  readonly name: string;
  readonly address: string | undefined;
  /** The part of the path that is added to the address. */
  readonly added: string;
  readonly key: string;
  readonly isKeySet: boolean;
}

/** Problems of the address of a service, as far as its shape shows them. */
export const serviceProblems = ({ name, address, added, key, isKeySet }: ServiceAddress): readonly ConfigProblem[] => {
  if (address === undefined) return [];
  const { origin, pathname, search, hash } = new URL(address);
  const path = pathname.replace(/\/+$/, '');
  if (search !== '' || hash !== '')
    return [error(name, 'holds a part behind ? or #, which no request would be sent with', `give ${origin}${path}`)];
  if (path.endsWith(added)) return [error(name, `ends in ${added}, which is added to it`, `give ${origin}${path.slice(0, -added.length)}`)];
  return isKeySet ? [] : [warning(name, `has no effect without ${key}`, 'set the key too')];
};
