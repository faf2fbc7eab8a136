export { nearestName } from '../domain/shared/nearest-name.ts';
