export { type AskTime, type ClockOffset, readClockOffset, type TimeSource, timeOf } from './clock.ts';
export {
  type DiskCalls,
  type DiskProbeOptions,
  type DiskRoom,
  makeDiskProbe,
  makeLogProbe,
  makeReadDiskRoom,
  type ReadDiskRoom,
  requireRoom,
} from './disk.ts';
export { probeModels } from './models.ts';
export { probePerplexity } from './perplexity.ts';
