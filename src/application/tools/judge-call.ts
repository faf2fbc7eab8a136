import { fitsName } from '../../domain/agent/tool-name.ts';
import { WAITING_TOOLS } from '../../domain/approval/guarded-call.ts';
import { decideRight } from '../../domain/rights/decide-right.ts';
import { speakersOf } from '../../domain/rights/speakers.ts';
import { present } from '../../domain/shared/present.ts';
import { judgeTrust } from '../../domain/trust/judge-trust.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { CallVerdict, JudgeCall, MayAct } from './call-verdict.ts';
import { makeMayAct, workspaceIn } from './workspace-rules.ts';

const RUN: CallVerdict = { kind: 'run' };

/**
 * Decides over each call of a tool that is offered: what the person may not do is refused. What acts asks, unless the
 * operator has listed it as safe; so does what `approve` of the workspace names. The labels of what the run was shown
 * may ask, whatever a list says.
 */
export const makeJudgeCall = (policy: AccessPolicy): JudgeCall => {
  const mayAct = makeMayAct(policy);
  return (tool, input, context) => {
    const right = speakersOf(context)
      .map((speaker) => decideRight(policy, speaker, 'use-tool', { tool }))
      .find(({ allowed }) => !allowed);
    if (right)
      return { kind: 'refuse', reason: `who asked may not use it here (${right.rule}, see ${right.path}), and nobody can approve it` };
    const isNamed = fitsName(tool.name, workspaceIn(policy, context.scope)?.approve ?? []);
    if (tool.effect === 'decides') {
      if (!isNamed || WAITING_TOOLS.includes(tool.name)) return RUN;
      const place = `workspaces.${context.scope.workspace}.approve`;
      return { kind: 'refuse', reason: `${place} names it, and what it decides can't wait for an approval` };
    }
    const acts = tool.effect === 'acts';
    const isListedSafe = acts && mayAct(tool, context);
    const trust = judgeTrust(
      {
        tool: tool.name,
        acts,
        sendsOut: tool.sendsOut === true,
        isListedSafe,
        inTurn: context.draft !== undefined,
        input,
        inputSchema: tool.inputSchema,
        ...present({ source: tool.source, isSaidToRead: tool.isSaidToRead }),
      },
      context.shown,
    );
    if (trust.kind !== 'run') return trust;
    if (isNamed) return { ...trust, kind: 'ask', reason: `workspaces.${context.scope.workspace}.approve names it.` };
    return acts && !isListedSafe ? { ...trust, kind: 'ask', reason: 'It acts outside of this chat.' } : trust;
  };
};

/** The verdicts of a program that has no policy for calls: what acts runs where `mayAct` says so, and nowhere else. */
export const judgeByMayAct =
  (mayAct: MayAct): JudgeCall =>
  (tool, _, context) =>
    tool.effect !== 'acts' || mayAct(tool, context) ? RUN : { kind: 'ask', reason: 'It acts outside of this chat.' };
