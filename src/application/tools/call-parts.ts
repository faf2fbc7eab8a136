import type { Clock } from '../../ports/clock.ts';
import type { ContentSink } from '../../ports/content.ts';
import type { Events } from '../../ports/events.ts';
import type { Redact } from '../../ports/redact.ts';
import type { CallGuard } from './call-guard.ts';
import { type CallTool, makeCallTool } from './call-tool.ts';
import type { JudgeCall } from './call-verdict.ts';
import { type AskOutcome, makeAskOutcome } from './interrupted-call.ts';
import type { ToolCatalog } from './tool-catalog.ts';

/** What calls of tools are run with where no agent runs. */
export interface CallParts {
  readonly tools: ToolCatalog;
  readonly callTool: CallTool;
  readonly askOutcome: AskOutcome;
}

/** The same way to a tool as an agent's calls take. */
export const makeCallParts = (deps: {
  readonly tools: ToolCatalog;
  readonly clock: Clock;
  readonly events: Events;
  /** Hears what tools are asked and say. Default: nobody does. */
  readonly content?: ContentSink | undefined;
  readonly redact: Redact;
  readonly judgeCall: JudgeCall;
  readonly guard: CallGuard;
}): CallParts => ({
  tools: deps.tools,
  callTool: makeCallTool({ ...deps, judge: deps.judgeCall }),
  askOutcome: makeAskOutcome(deps),
});
