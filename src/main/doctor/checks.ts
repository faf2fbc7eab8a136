import type { DoctorCheck } from '../../application/index.ts';
import { portProbe } from '../probes/port-probe.ts';
import { DOCTOR_CHECK_IDS, type DoctorCheckId } from './check-list.ts';
import { configLooks } from './config-checks.ts';
import { databaseLooks, databaseRepairs } from './database-checks.ts';
import { fileLooks, fileRepairs } from './file-checks.ts';
import { leftoverLooks, leftoverRepairs } from './leftover-checks.ts';
import { nodeLook } from './machine-checks.ts';
import type { DoctorParts, Look, Looks } from './parts.ts';

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
      probe: LOOKS_AT_DATA.test(id) ? afterwards(parts.diskAnswers, looks[id]) : looks[id],
      ...(repair ? { repairs: repair } : {}),
      ...(explains ? { explains } : {}),
    };
  });
};

/** Checks that read files of the data directory. */
const LOOKS_AT_DATA = /^(storage|process)\./;

/** Files are read in the event loop, where no limit holds: first it is seen, beside it, that their disk answers. */
const afterwards =
  (diskAnswers: DoctorParts['diskAnswers'], look: Look): Look =>
  async (signal) => {
    await diskAnswers?.();
    return look(signal);
  };

/** One thing stalls, and one line says so. */
const LATE: Readonly<Partial<Record<DoctorCheckId, DoctorCheck['late']>>> = {
  'storage.directory': { status: 'fail', fixHint: 'see whether the disk is a network drive that does not answer' },
  'storage.migrations': { status: 'skipped', fixHint: 'see storage.database' },
  'storage.settings': { status: 'skipped', fixHint: 'see storage.database' },
  'system.port': { status: 'fail', fixHint: 'see HOST, PORT and KEPT_METRICS_PORT' },
};
