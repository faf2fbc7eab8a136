import type { DoctorCheck } from '../../application/index.ts';
import { HUNG_HINT } from '../hung-disk.ts';
import { portProbe } from '../probes/port-probe.ts';
import { DOCTOR_CHECK_IDS, type DoctorCheckId } from './check-list.ts';
import { configLooks } from './config-checks.ts';
import { databaseLooks, databaseRepairs } from './database-checks.ts';
import { fileLooks, fileRepairs } from './file-checks.ts';
import { leftoverLooks, leftoverRepairs } from './leftover-checks.ts';
import { nodeLook } from './machine-checks.ts';
import type { DoctorParts, Looks } from './parts.ts';

const LIMIT_MS = 5_000;

/** Probes that would tell the same again. */
const EXPLAINS: Readonly<Partial<Record<DoctorCheckId, readonly string[]>>> = {
  'storage.directory': ['storage.disk', 'storage.database'],
  'storage.migrations': ['storage.database'],
  // A look at the database would set it.
  'storage.settings': ['storage.database'],
};

/** The doctor's own checks: they look at this machine, its files and the database, and change nothing. */
export const makeDoctorChecks = (parts: DoctorParts): readonly DoctorCheck[] => {
  const port = portProbe(parts.config, LIMIT_MS);
  const looks: Looks = {
    'system.node': nodeLook(parts),
    'system.port': async (signal) => (await port.probe(signal)) ?? { status: 'ok', message: 'free' },
    ...configLooks(parts),
    ...fileLooks(parts),
    ...databaseLooks(parts),
    ...leftoverLooks(parts),
  };
  const repairs = { ...fileRepairs(parts), ...databaseRepairs(parts), ...leftoverRepairs(parts) };
  return DOCTOR_CHECK_IDS.map((id) => {
    const [repair, explains] = [repairs[id], EXPLAINS[id]];
    return {
      id,
      depth: 'local',
      limitMs: LIMIT_MS,
      late: LATE[id] ?? { status: 'skipped', fixHint: 'see storage.directory' },
      probe: looks[id],
      ...(repair ? { repairs: repair } : {}),
      ...(explains ? { explains } : {}),
    };
  });
};

/** What a check says that its limit ends. The disk of the data directory was asked before. */
const LATE: Readonly<Partial<Record<DoctorCheckId, DoctorCheck['late']>>> = {
  'storage.directory': { status: 'fail', fixHint: HUNG_HINT },
  'storage.backup': { status: 'warn', fixHint: HUNG_HINT },
  'storage.migrations': { status: 'skipped', fixHint: 'see storage.database' },
  'storage.settings': { status: 'skipped', fixHint: 'see storage.database' },
  'system.port': { status: 'skipped', fixHint: 'see storage.directory, then HOST, PORT and KEPT_METRICS_PORT' },
};
