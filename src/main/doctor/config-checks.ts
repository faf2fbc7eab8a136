import type { ConfigProblem, ProblemArea } from '../../config/index.ts';
import { problemArea } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { plural } from '../../domain/shared/plural.ts';
import type { Finding } from '../../ports/index.ts';
import { pricesAhead, staleProblems, tlsProblems } from '../config-problems.ts';
import type { DoctorParts, Looks } from './parts.ts';

/** A check must not sign in, and must not send anything to people. */
const VALIDITY = `none has a wrong shape; whether they are valid, model.* and service.* tell, of alerts ${commandHint('alerts test')}, of Telegram the running bot`;
/** So many problems of one kind are told in words. */
const MAX_TOLD = 5;

/** What is wrong with the configuration, by what it is about. */
export const configLooks = (parts: DoctorParts): Pick<Looks, 'config.file' | 'config.env' | 'config.keys' | 'config.production'> => {
  const { config, problems, now, hung } = parts;
  const of = (area: ProblemArea): readonly ConfigProblem[] => problems.filter((problem) => problemArea(problem) === area);
  return {
    'config.file': async () => {
      const all = [...of('file'), ...pricesAhead(config, now()), ...(hung === 'data' ? [] : await staleProblems(config))];
      const { length } = config.policy.workspaces;
      return findingOf(all, `${plural(length, 'workspace')} (${config.workspaceConfigPath})`);
    },
    'config.env': async () => findingOf(of('variable'), 'every variable is known, and has a value that means something'),
    'config.keys': async () => {
      return findingOf([...of('key'), ...tlsProblems(config)], VALIDITY);
    },
    'config.production': async () =>
      config.environment === 'production'
        ? findingOf(
            problems.filter(({ ofProduction }) => ofProduction),
            'nothing is set that production refuses or warns of',
          )
        : {
            status: 'skipped',
            message: `ENVIRONMENT is ${config.environment}`,
            fixHint: 'set ENVIRONMENT=production where people rely on it',
          },
  };
};

/** The problems as one finding, errors first. */
export const findingOf = (problems: readonly ConfigProblem[], well: string): Finding => {
  if (problems.length === 0) return { status: 'ok', message: well };
  const errors = problems.filter(({ severity }) => severity === 'error');
  const ordered = [...errors, ...problems.filter(({ severity }) => severity !== 'error')];
  const told = ordered.slice(0, MAX_TOLD);
  const more = ordered.length > told.length ? `; ${ordered.length - told.length} more: see ${commandHint('config check')}` : '';
  const unique = (texts: readonly string[]): string => [...new Set(texts)].join('; ');
  return {
    status: errors.length > 0 ? 'fail' : 'warn',
    message: `${told.map(({ place, problem }) => `${place}: ${problem}`).join('; ')}${more}`,
    where: unique(told.map(({ place }) => place)),
    fixHint: unique(told.map(({ hint }) => hint)),
  };
};
