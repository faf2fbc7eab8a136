import { expect } from 'chai';
import type { ConversationStep } from '../../../src/domain/conversation/conversation.ts';
import { type JudgedCall, judgeTrust } from '../../../src/domain/trust/judge-trust.ts';
import type { Provenance, TrustLabel } from '../../../src/domain/trust/labels.ts';
import { makeShown, type Shown } from '../../../src/domain/trust/shown.ts';

const shownFrom = (labels: readonly TrustLabel[], { isPrivate, declared = [], said = [] }: Given = {}) =>
  makeShown([toolStep({ labels, ...(isPrivate ? { isPrivate } : {}) })], { declared, said });

interface Given {
  readonly isPrivate?: true;
  readonly declared?: readonly TrustLabel[];
  readonly said?: readonly string[];
}

const toolStep = (provenance: Provenance): ConversationStep => ({
  role: 'tool',
  callId: '1',
  tool: 'any',
  output: 'words',
  isError: false,
  provenance,
});

const call = (given: Partial<JudgedCall> = {}): JudgedCall => ({
  tool: 'search_web',
  acts: false,
  sendsOut: true,
  isListedSafe: false,
  inTurn: false,
  input: { query: 'the secret is 4711' },
  inputSchema: { properties: { query: { type: 'string' } } },
  ...given,
});

const acting = (given: Partial<JudgedCall> = {}): JudgedCall =>
  call({ tool: 'mcp__tracker__close', acts: true, source: 'mcp:tracker', isListedSafe: true, input: { id: 4711 }, ...given });

const ACTS: readonly (readonly [string, JudgedCall, readonly TrustLabel[], 'run' | 'ask'])[] = [
  ['people alone', acting(), ['operator', 'member', 'agent'], 'run'],
  ['a guest', acting(), ['member', 'guest'], 'ask'],
  ['a web page', acting(), ['member', 'web'], 'ask'],
  ['Notion', acting(), ['member', 'notion'], 'ask'],
  ['a file', acting(), ['member', 'file'], 'ask'],
  ['an unknown source', acting(), ['member', 'unknown'], 'ask'],
  ['another MCP server', acting(), ['member', 'mcp:mail'], 'ask'],
  ['its own MCP server, which the operator lists', acting(), ['member', 'mcp:tracker'], 'run'],
  ['its own MCP server, which nobody lists', acting({ isListedSafe: false }), ['member', 'mcp:tracker'], 'ask'],
  ['its own MCP server and a web page', acting(), ['member', 'mcp:tracker', 'web'], 'ask'],
  ['a web page, where the tool is listed and said to read', acting({ isSaidToRead: true, sendsOut: false }), ['member', 'web'], 'run'],
  ['a web page, where it is said to read, and nobody lists it', acting({ isSaidToRead: true, isListedSafe: false }), ['web'], 'ask'],
  ['a web page, where the tool is none of a server', acting({ sendsOut: false, source: 'file' }), ['web'], 'ask'],
];

/** Of a tool that nobody lists as safe: whether it asks, whatever standing approval there is. */
const STANDING: readonly (readonly [string, readonly TrustLabel[], Given, boolean])[] = [
  ['its own server', ['member', 'mcp:tracker', 'agent'], {}, false],
  ['its own server, which describes its tools', ['member', 'mcp:tracker'], { declared: ['mcp:tracker'] }, false],
  ['its own server and facts', ['member', 'mcp:tracker'], { isPrivate: true }, true],
  ['its own server and a web page', ['member', 'mcp:tracker', 'web'], {}, true],
  ['its own server, where another one describes its tools', ['member', 'mcp:tracker'], { declared: ['mcp:mail'] }, true],
  ['another server', ['member', 'mcp:mail'], {}, true],
  ['a guest', ['guest'], {}, true],
  ['a web page', ['web'], {}, true],
];

const LEGS: readonly (readonly [string, JudgedCall, readonly TrustLabel[], Given, 'run' | 'ask' | 'refuse'])[] = [
  ['nothing but people', call(), ['member', 'agent'], {}, 'run'],
  ['a web page, and nothing private', call(), ['member', 'web'], {}, 'run'],
  ['a guest, and nothing private', call(), ['guest'], {}, 'run'],
  ['private data, and nobody who could want it', call(), ['member'], { isPrivate: true }, 'run'],
  ['Notion, which is private and anybody may have written', call(), ['notion'], {}, 'ask'],
  ['a file of the workspace', call(), ['file'], { isPrivate: true }, 'ask'],
  ['a file that anybody may know, as of a skill', call(), ['file'], {}, 'run'],
  ['an MCP server', call(), ['mcp:tracker'], {}, 'ask'],
  ['facts and a web page', call(), ['member', 'web'], { isPrivate: true }, 'ask'],
  ['facts and a guest', call(), ['guest'], { isPrivate: true }, 'ask'],
  ['facts, where a server describes its tools', call(), ['member'], { isPrivate: true, declared: ['mcp:mail'] }, 'ask'],
  ['a description of a server, and nothing private', call(), ['member'], { declared: ['mcp:mail'] }, 'run'],
  ['Notion, in a turn', call({ inTurn: true }), ['notion'], {}, 'refuse'],
  ['Notion, in a turn, with words of people', call({ inTurn: true }), ['notion'], { said: ['The secret is 4711.'] }, 'run'],
  ['Notion, for a tool that sends nothing out', call({ sendsOut: false }), ['notion'], {}, 'run'],
  ['its own server, for a listed tool', acting(), ['mcp:tracker'], {}, 'run'],
  ['its own server and facts', acting(), ['mcp:tracker'], { isPrivate: true }, 'ask'],
  ['an acting tool in a turn, which may be asked about', acting({ inTurn: true }), ['notion'], {}, 'ask'],
];

/** What becomes of a call; one that runs is counted. */
const sent = (judged: JudgedCall, shown: Shown): string => {
  const verdict = judgeTrust(judged, shown);
  if (verdict.kind === 'run' && verdict.choices !== undefined) shown.mayChoose(verdict.choices);
  return verdict.kind;
};

describe('The rules of trust', () => {
  for (const [what, judged, labels, kind] of ACTS)
    it(`${kind === 'run' ? 'let a tool act' : 'ask before a tool acts'} after ${what}`, () => {
      expect(judgeTrust(judged, shownFrom(labels)).kind).to.equal(kind);
    });

  for (const [what, labels, given, isFirm] of STANDING)
    it(`${isFirm ? 'ask' : 'let an owner say yes for a time'} before a tool acts that nobody lists, after ${what}`, () => {
      const verdict = judgeTrust(acting({ isListedSafe: false }), shownFrom(labels, given));
      expect([verdict.kind, verdict.kind !== 'run' && verdict.isFirm === true]).to.deep.equal(['ask', isFirm]);
      expect(verdict.kind !== 'run' && verdict.ledBy, 'its card has to have shown the server').to.equal(isFirm ? undefined : 'mcp:tracker');
    });

  for (const [what, judged, labels, given, kind] of LEGS)
    it(`${kind === 'run' ? 'send out' : `${kind} to send out`} after ${what}`, () => {
      const verdict = judgeTrust(judged, shownFrom(labels, given));
      expect(verdict.kind).to.equal(kind);
      if (verdict.kind !== 'run') expect(verdict.leg).to.equal('a way out');
    });

  it('ask before a tool acts on words of which another server may have thought', () => {
    const given = { declared: ['mcp:mail', 'mcp:tracker'], said: ['Close 4711'] } as const;
    expect(judgeTrust(acting({ input: { query: '4711' } }), shownFrom(['member'], given)).kind).to.equal('run');
    expect(judgeTrust(acting({ input: { query: '4712' } }), shownFrom(['member'], given)).kind).to.equal('ask');
    expect(judgeTrust(acting({ input: { query: '4712' } }), shownFrom(['member'], { declared: ['mcp:tracker'] })).kind).to.equal('run');
  });

  it('take no words of a model for words of people where a server may have put them into its mouth', () => {
    const own: ConversationStep = { role: 'agent', text: 'Close 4712', toolCalls: [], provenance: { labels: ['member', 'agent'] } };
    const kind = (declared: readonly TrustLabel[]): string =>
      judgeTrust(acting({ input: { query: '4712' } }), makeShown([own], { declared })).kind;
    expect([kind([]), kind(['mcp:tracker']), kind(['mcp:mail'])]).to.deep.equal(['run', 'run', 'ask']);
  });

  it('let a run send out what people said only so often', () => {
    const shown = shownFrom(['notion'], { said: ['Is the secret 4711?'] });
    const send = () => sent(call({ input: { query: 'the secret 4711' } }), shown);
    expect(Array.from({ length: 8 }, send)).to.deep.equal([...Array.from({ length: 6 }, () => 'run'), 'ask', 'ask']);
  });

  it('count what one call chooses once', () => {
    const given = { isPrivate: true, declared: ['mcp:mail'], said: ['Close 4711'] } as const;
    const shown = shownFrom(['member'], given);
    const close = () => sent(acting({ input: { query: '4711' } }), shown);
    expect(Array.from({ length: 7 }, close)).to.deep.equal([...Array.from({ length: 6 }, () => 'run'), 'ask']);
  });

  it('count nothing of what is only asked about', () => {
    const given = { isPrivate: true, declared: ['mcp:mail'], said: ['Close 4711'] } as const;
    const shown = shownFrom(['member', 'mcp:tracker'], given);
    const ask = () => judgeTrust(acting({ isListedSafe: false, input: { query: '4711' } }), shown);
    expect(Array.from({ length: 8 }, ask)).to.deep.equal(Array.from({ length: 8 }, () => ask()));
    expect(ask()).to.include({ kind: 'ask', choices: 0 });
    expect(shown.chosen()).to.equal(0);
  });

  it('ask before a tool acts where nobody knows what led to it', () => {
    expect(judgeTrust(acting(), undefined).kind).to.equal('ask');
  });

  it('say in plain words what led to the call', () => {
    expect(judgeTrust(acting(), shownFrom(['web', 'mcp:mail']))).to.deep.include({
      reason:
        'This was led to by a web page and the MCP server "mail", which people here did not write: read it twice. It would send something out after this run was shown the MCP server "mail", which only this place may know.',
    });
  });

  it('know what is shown later, and forget nothing that was left out since', () => {
    const shown = makeShown([{ role: 'person', name: 'Ann', text: 'Close 4711', provenance: { labels: ['member'] } }]);
    expect(judgeTrust(acting(), shown).kind).to.equal('run');
    shown.add([toolStep({ labels: ['web'] })]);
    expect(judgeTrust(acting(), shown).kind).to.equal('ask');
    expect(shown.provenance().labels).to.deep.equal(['member', 'web']);
  });
});
