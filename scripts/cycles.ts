type Graph = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

/** The shortest way from `start` back to itself, or undefined. */
const cycleThrough = (graph: Graph, start: string): readonly string[] | undefined => {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const node of queue) {
    for (const next of graph.get(node)?.keys() ?? []) {
      if (next === start) {
        const path = [node];
        for (let at = cameFrom.get(node); at !== undefined; at = cameFrom.get(at)) path.unshift(at);
        return path;
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return undefined;
};

/** Cycles of a graph, each as its nodes in order; every node that is on some cycle is in at least one of them. */
export const findCycles = (graph: Graph): readonly (readonly string[])[] => {
  const cycles: (readonly string[])[] = [];
  const seen = new Set<string>();
  for (const node of graph.keys()) {
    if (seen.has(node)) continue;
    const cycle = cycleThrough(graph, node);
    if (cycle === undefined) continue;
    cycles.push(cycle);
    for (const member of cycle) seen.add(member);
  }
  return cycles;
};
