import type { Repair } from '../../application/index.ts';
import type { Config, ConfigProblem } from '../../config/index.ts';
import type { Finding } from '../../ports/index.ts';
import type { Hung } from '../hung-disk.ts';
import type { DoctorCheckId } from './check-list.ts';

/** What the doctor's own checks look at. */
export interface DoctorParts {
  readonly config: Config;
  readonly problems: readonly ConfigProblem[];
  readonly now: () => number;
  /** Of Node, such as `24.1.0`. */
  readonly nodeVersion: string;
  /** What must be left alone, as its disk does not answer. */
  readonly hung?: Hung | undefined;
}

/** How a check looks. Changes nothing. */
export type Look = (signal: AbortSignal) => Promise<Finding>;
export type Looks = Readonly<Record<DoctorCheckId, Look>>;
export type Repairs = Readonly<Partial<Record<DoctorCheckId, () => Promise<readonly Repair[]>>>>;
