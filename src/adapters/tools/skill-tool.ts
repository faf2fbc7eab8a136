import { z } from 'zod';
import { READ_SKILL, type Skill, skillsOf } from '../../domain/agent/skill.ts';
import { nearestName } from '../../domain/shared/nearest-name.ts';
import { present } from '../../domain/shared/present.ts';
import type { Tool } from '../../ports/tool.ts';
import type { WorkspaceFiles } from '../../ports/workspace-files.ts';
import { defineTool, failure } from './define-tool.ts';

/** Room for the note on what was cut. */
const READ_BYTES = 19_000;
const MAIN_FILE = 'SKILL.md';

/** `read_skill`: the skills that the agent names, and the files beside them. */
export const makeSkillTool = (skills: readonly Skill[], files: Pick<WorkspaceFiles, 'read'>): Tool =>
  defineTool({
    name: READ_SKILL,
    description: `Reads a skill: its ${MAIN_FILE}, or another file of its folder that this names, ${READ_BYTES} bytes at a time.`,
    schema: z.object({
      name: z.string().min(1).max(64).describe('Name of the skill'),
      path: z.string().min(1).max(4096).optional().describe(`A file inside the folder of the skill; ${MAIN_FILE} when left out`),
      offset: z.number().int().min(0).optional().describe('Byte to start at; 0 when left out'),
    }),
    effect: 'reads',
    // Skills come from anywhere: the operator vouches for their names and descriptions alone.
    source: 'file',
    activity: 'reading up on it',
    run: async ({ name, path = MAIN_FILE, offset = 0 }, { skills: named = [], signal }) => {
      const own = skillsOf({ skills: named }, skills);
      const skill = own.find((each) => each.name === name);
      if (!skill) {
        const names = own.map((each) => each.name);
        const near = nearestName(name, names);
        return failure(
          `There is no skill ${name}. ${near === undefined ? `There are: ${names.join(', ') || 'none'}.` : `Did you mean ${near}?`}`,
        );
      }
      const { text, sizeBytes, endOffset, truncated } = await files.read(skill.directory, path, {
        maxBytes: READ_BYTES,
        ...present({ offset, signal }),
      });
      if (truncated) return `${text}\n[cut here: bytes ${offset} to ${endOffset} of ${sizeBytes}; read on with offset ${endOffset}]`;
      return text === '' ? '[the file is empty]' : text;
    },
  });
