import { expect } from 'chai';
import { type ChatId, outdatedChats } from '../../../src/domain/index.ts';
import { movedPolicy } from '../../../src/domain/workspace/policy.ts';
import { buildPolicy, buildWorkspace, START, telegramChat } from '../../../src/testing/index.ts';

const OLD = telegramChat(-2_001);
const NEW = telegramChat(-1_001_500_002_001);
const OTHER = telegramChat(-2_002);
const moves = [{ from: OLD, to: NEW, at: START }];
const policyOf = (...chats: readonly (readonly [string, readonly ChatId[]])[]) =>
  buildPolicy({ workspaces: chats.map(([name, chatIds]) => buildWorkspace({ name, chatIds })) });
const chatsIn = (policy: ReturnType<typeof policyOf>) => movedPolicy(policy, moves).workspaces.map(({ chatIds }) => chatIds);

describe('a configuration that names a chat by an old id', () => {
  it('means its new one as well, in the workspace that names it, and is told of', () => {
    const policy = policyOf(['Railway', [OLD]], ['Orchard', [OTHER]]);
    expect(chatsIn(policy)).to.deep.equal([[OLD, NEW], [OTHER]]);
    expect(outdatedChats(policy, moves)).to.deep.equal([{ ...moves[0], workspace: 'Railway' }]);
  });

  it('means nothing by it once a workspace names the new one: the same, or another', () => {
    for (const policy of [policyOf(['Railway', [OLD, NEW]]), policyOf(['Railway', [OLD]], ['Orchard', [NEW]])]) {
      expect(movedPolicy(policy, moves)).to.equal(policy);
      expect(outdatedChats(policy, moves)).to.deep.equal([]);
    }
  });
});
