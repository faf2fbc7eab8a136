import { type Installed, idOf } from './packages.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly purl?: string;
  readonly [field: string]: unknown;
}
/** What is read and written of a list in the form of CycloneDX. */
export interface Bill {
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp?: string; readonly component: Component; readonly [field: string]: unknown };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly [field: string]: unknown;
}

/**
 * The list of the packages that are installed, out of npm's list of all: asked to leave out those of development, npm
 * also leaves out such as both need. The same packages give the same text, whenever it is made. Throws where npm does
 * not list one.
 */
export const productionBill = (all: Bill, packages: readonly Installed[]): Bill => {
  const { serialNumber: _serial, metadata, ...rest } = all;
  const { timestamp: _time, ...about } = metadata;
  const wanted = new Set(packages.map(idOf));
  const components = all.components.filter((component) => wanted.has(component['bom-ref']));
  const listed = new Set(components.map((component) => component['bom-ref']));
  const missing = [...wanted].filter((id) => !listed.has(id));
  if (missing.length > 0) throw new Error(`npm lists no ${missing.join(', ')}`);
  const own = metadata.component['bom-ref'];
  return {
    ...rest,
    metadata: { ...about, component: { ...metadata.component, name: own.replace(/@[^@]*$/, '') } },
    components,
    dependencies: all.dependencies
      .filter(({ ref }) => ref === own || listed.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((id) => listed.has(id)).toSorted() })),
  };
};
