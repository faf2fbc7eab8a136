import type { GatewayInlet } from '../ports/index.ts';

/** An inlet of which a test names what it looks at; the rest takes everything and does nothing. */
export const buildInlet = (given: Partial<GatewayInlet> = {}): GatewayInlet => ({
  received: async () => undefined,
  erased: async () => undefined,
  moved: async () => undefined,
  tapped: async () => '',
  ...given,
});
