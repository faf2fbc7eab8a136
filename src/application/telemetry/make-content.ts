import type { ContentListener, ContentSink } from '../../ports/content.ts';

export interface ContentHub extends ContentSink {
  /** Calls `listener` with all content from now on, until the returned function is called. */
  on(listener: ContentListener): () => void;
}

/** Tells content to every listener; costs nothing while there is none. `onFault` is told of one that threw. */
export const makeContent = (onFault: (error: unknown) => void = () => undefined): ContentHub => {
  const listeners = new Set<ContentListener>();
  return {
    tell: (make) => {
      if (listeners.size === 0) return;
      try {
        const content = make();
        for (const listener of listeners) listener(content);
      } catch (error) {
        onFault(error);
      }
    },
    on: (listener) => {
      const own: ContentListener = (content) => listener(content);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
};
