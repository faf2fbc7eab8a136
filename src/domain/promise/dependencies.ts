import { excerpt } from '../shared/excerpt.ts';
import { ok, type Refusal, type Result, refuse } from '../shared/result.ts';
import type { AgentPromise, PromiseFailure, PromiseId } from './promise.ts';

export type DependencyRefusal = Refusal<'promise/unknown-parent' | 'promise/cycle'>;

/**
 * Checks what a batch of new promises depends on: every parent is known or in the batch, and no promise waits for
 * itself, however far around. Existing promises can't close a cycle: they were made before their new children.
 */
export const checkDependencies = (
  batch: readonly Pick<AgentPromise, 'id' | 'dependsOn'>[],
  exists: (id: PromiseId) => boolean,
): Result<void, DependencyRefusal> => {
  const edges = new Map(batch.map(({ id, dependsOn }) => [id, dependsOn]));
  for (const { dependsOn } of batch) {
    // The one that is refused is not named: it never gets its number.
    const unknown = dependsOn.find((parent) => !edges.has(parent) && !exists(parent));
    if (unknown !== undefined) return refuse('promise/unknown-parent', `there is no promise #${unknown} in this chat`);
  }
  const done = new Set<PromiseId>();
  const visit = (id: PromiseId, path: readonly PromiseId[]): PromiseId[] | undefined => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    if (done.has(id)) return undefined;
    for (const parent of edges.get(id) ?? []) {
      const cycle = visit(parent, [...path, id]);
      if (cycle) return cycle;
    }
    done.add(id);
    return undefined;
  };
  for (const { id } of batch) {
    const cycle = visit(id, []);
    if (cycle) return refuse('promise/cycle', `promises wait for each other: ${cycle.map((step) => `#${step}`).join(' → ')}`);
  }
  return ok(undefined);
};

/** What a waiting promise's parents mean for it now. */
export const parentsVerdict = (
  parents: readonly AgentPromise[],
): { readonly kind: 'wait' } | { readonly kind: 'release' } | { readonly kind: 'abandon'; readonly error: PromiseFailure } => {
  const lost = parents.find(({ status }) => status === 'failed' || status === 'cancelled');
  if (lost)
    return {
      kind: 'abandon',
      error: {
        code: 'promise/parent-failed',
        message: `it depends on promise #${lost.id} (${excerpt(lost.description, 58)}), which ${lost.status === 'failed' ? 'failed' : 'was cancelled'}`,
      },
    };
  return { kind: parents.every(({ status }) => status === 'completed') ? 'release' : 'wait' };
};
