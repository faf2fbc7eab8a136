/**
 * The client library's packages look for a browser's storage while they load, and use none. That look alone makes newer
 * versions of Node print a warning at each start. It is hidden from them here, and is back once they are loaded
 * (`show-web-storage.ts`).
 */
export const hidden = (['localStorage', 'sessionStorage'] as const).flatMap((name) => {
  const property = Object.getOwnPropertyDescriptor(globalThis, name);
  return property?.get !== undefined && property.configurable ? [{ name, property }] : [];
});

for (const { name } of hidden) Object.defineProperty(globalThis, name, { value: undefined, configurable: true });
