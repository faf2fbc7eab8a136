/** `PostgreSQL at host:port/database`. Throws for what is no URL. Loads no driver. */
export const placeOf = (url: string): string => {
  const { hostname, port, pathname, searchParams } = new URL(url);
  const host = hostname || searchParams.get('host') || 'localhost';
  return `PostgreSQL at ${host}:${port || '5432'}${pathname}`;
};
