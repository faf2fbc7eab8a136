/** `PostgreSQL at host:port/database`, without credentials. Throws if `url` is no URL. */
export const placeOf = (url: string): string => {
  const { hostname, port, pathname, searchParams } = new URL(url);
  const host = hostname || searchParams.get('host') || 'localhost';
  return `PostgreSQL at ${host}:${port || '5432'}${pathname}`;
};
