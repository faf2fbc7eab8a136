import type { KeptEvent } from '../../domain/events/event.ts';
import { NO_NAME, type Observation, UNKNOWN_NAME } from '../../domain/stats/measurements.ts';

/**
 * What is measured of an event. What somebody stopped, what waits for a person, and what a platform only asked to wait
 * with has neither worked nor failed, and does not count.
 */
export const observationsOf = (event: KeptEvent): readonly Observation[] => {
  switch (event.type) {
    case 'agent-run-ended': {
      if (event.outcome === 'stopped' || event.outcome === 'paused') return NOTHING;
      const measured = { ms: event.durationMs, failed: event.outcome !== 'done' };
      return [
        { kind: 'agent', name: event.agent, ...measured },
        { kind: 'workspace', name: event.workspace ?? NO_NAME, ...measured },
      ];
    }
    case 'coding-run-ended':
      if (event.stop === 'cancelled') return NOTHING;
      return [{ kind: 'agent', name: event.agent, ms: event.durationMs, failed: event.stop !== 'end' }];
    case 'tool-called': {
      const { outcome, durationMs: ms } = event;
      if (outcome === 'unknown-tool') return [{ kind: 'tool', name: UNKNOWN_NAME, ms, failed: true }];
      if (outcome !== 'done' && outcome !== 'failed' && outcome !== 'timeout') return NOTHING;
      return [{ kind: 'tool', name: event.tool, ms, failed: outcome !== 'done' }];
    }
    case 'model-responded':
      return event.brokeOff ? NOTHING : [{ kind: 'model', name: event.reference, ms: event.durationMs, failed: false }];
    case 'model-failed':
      return [{ kind: 'model', name: event.model, ms: event.durationMs, failed: true }];
    case 'gateway-called':
      if (event.outcome === 'limited') return NOTHING;
      return [{ kind: 'gateway', name: event.gateway, ms: event.durationMs, failed: event.outcome === 'failed' }];
    case 'turn-committed':
      return [{ kind: 'turn', name: event.agent, ms: event.durationMs, failed: event.outcome === 'failed' }];
    case 'promise-attempt-ended':
      if (event.end !== 'complete' && event.end !== 'fail') return NOTHING;
      return [{ kind: 'promise', name: event.taskType, ms: event.durationMs, failed: event.end === 'fail' }];
    case 'commit-ended':
      return [{ kind: 'commit', name: event.what, ms: event.durationMs, failed: event.outcome === 'failed' }];
    default:
      return NOTHING;
  }
};

const NOTHING: readonly Observation[] = [];
