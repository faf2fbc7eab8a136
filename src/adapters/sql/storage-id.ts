import { randomUUID } from 'node:crypto';
import type { Query } from './sql.ts';

const READ = "SELECT value FROM key_values WHERE owner = 'storage' AND key = 'id'";
const MAKE = "INSERT INTO key_values (owner, key, value) VALUES ('storage', 'id', ?) ON CONFLICT (owner, key) DO NOTHING";

/** The id of a database, made by whoever opens it first. Empty where it is not made yet and nothing may be changed. */
export const storageId = async (query: Query, { asItIs }: { readonly asItIs: boolean }): Promise<string> => {
  const read = async (): Promise<string | undefined> => (await query<{ value: string }>(READ))[0]?.value;
  const known = await read();
  if (known !== undefined || asItIs) return known ?? '';
  await query(MAKE, [randomUUID()]);
  return (await read()) ?? '';
};
