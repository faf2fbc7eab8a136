import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly user?: string;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
  readonly healthcheck?: object;
  readonly logging?: { readonly options: Readonly<Record<string, string>> };
  readonly networks?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly replicas?: number; readonly resources: { readonly limits: Readonly<Record<string, string>> } };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<
    Record<string, { readonly internal?: boolean; readonly ipam?: { config: readonly { gateway: string }[] } } | null>
  >;
  readonly volumes: Readonly<Record<string, null>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

export const COMPOSE_PATH = new URL('../../deploy/docker-compose.yml', import.meta.url);

/** The compose file, as Docker reads it: what `<<` names is merged in. */
export const composeFile = (): ComposeFile => parse(readFileSync(COMPOSE_PATH, 'utf8'), { merge: true }) as ComposeFile;

/** The services that run Kept: name, role and how many of each there are. */
export const keptServices = ({ services }: ComposeFile) =>
  Object.entries(services).flatMap(([name, service]) => {
    const [role] = service.command ?? [];
    return /\bkept:/.test(service.image) && (role === 'bot' || role === 'worker')
      ? [{ name, role, count: service.deploy?.replicas ?? 1, service } as const]
      : [];
  });
