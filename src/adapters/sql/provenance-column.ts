import { type Provenance, provenanceFromText } from '../../domain/index.ts';

/** The provenance of a row, where it has one. */
export const provenanceIn = (row: { readonly provenance: string | null }): { readonly provenance?: Provenance } => {
  const provenance = provenanceFromText(row.provenance);
  return provenance ? { provenance } : {};
};
