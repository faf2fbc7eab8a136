import { sep } from 'node:path';
import { z } from 'zod';
import { BACKUP_ENGINES, BACKUP_FORMAT, BACKUP_FORMAT_VERSION, type BackupManifest } from '../../domain/backup/backup.ts';
import { present } from '../../domain/shared/present.ts';
import { PortError } from '../../ports/index.ts';

export const MANIFEST_FILE = 'manifest.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0);
/** A path within the backup: nothing above it, nothing absolute. A backslash is a letter but on Windows. */
const path = z
  .string()
  .max(1_000)
  .refine((text) => text !== '' && (sep === '/' || !text.includes('\\')) && !text.includes('\0') && !/(^|\/)(\.{0,2})(\/|$)/.test(text));

const headSchema = z.object({ format: z.literal(BACKUP_FORMAT), formatVersion: z.number().int() });
const manifestSchema = headSchema.extend({
  createdAt: count,
  version: z.string().max(100),
  engine: z.enum(BACKUP_ENGINES),
  migrations: z.array(z.string().max(200)).max(10_000),
  tables: z.record(z.string().max(200), z.object({ rows: count, sha256: sha256.optional() })),
  rows: count,
  files: z.record(path, z.object({ bytes: count, sha256 })),
  leftOut: z.array(z.string().max(1_000)).max(100),
});

/** `where` names the backup. Throws PortError. */
export const readManifest = (text: string, where: string): BackupManifest => {
  const json = jsonOf(text);
  const head = headSchema.safeParse(json).data;
  if (!head) throw noBackup(where, `its ${MANIFEST_FILE} is none`);
  if (head.formatVersion > BACKUP_FORMAT_VERSION)
    throw new PortError('invalid-request', `${where} was made by a newer version of Kept: install that version to restore it`, {
      retryable: false,
    });
  const { success, data } = manifestSchema.safeParse(json);
  if (!success) throw noBackup(where, `its ${MANIFEST_FILE} is damaged`);
  return { ...data, tables: Object.fromEntries(Object.entries(data.tables).map(([name, table]) => [name, tableOf(table)])) };
};

const tableOf = ({ rows, sha256 }: { readonly rows: number; readonly sha256?: string | undefined }) => ({ rows, ...present({ sha256 }) });

export const noBackup = (where: string, why: string): PortError =>
  new PortError('malformed-reply', `${where} is no backup of Kept: ${why}`, { retryable: false });

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
