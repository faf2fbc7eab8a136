import { type Brand, wholeNumber } from '../shared/brand.ts';

/** An approval's number, from 1: what people see and type. */
export type ApprovalId = Brand<number, 'ApprovalId'>;
export const approvalId = (raw: number | string): ApprovalId =>
  wholeNumber(typeof raw === 'string' ? raw.replace(/^#/, '') : raw, "an approval's number", 1) as ApprovalId;

/** A standing approval's number, from 1. */
export type StandingId = Brand<number, 'StandingId'>;
export const standingId = (raw: number | string): StandingId =>
  wholeNumber(typeof raw === 'string' ? raw.replace(/^#/, '') : raw, "a standing approval's number", 1) as StandingId;
