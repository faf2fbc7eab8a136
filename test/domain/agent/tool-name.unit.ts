import { expect } from 'chai';
import fc from 'fast-check';
import { meantTool } from '../../../src/domain/agent/tool-name.ts';
import { plainToolName } from '../../../src/domain/index.ts';

const TOOLS = ['read_file', 'list_files', 'make_promise', 'list_promises'];

describe('the name of a tool that a model calls', () => {
  for (const name of [
    'read_file',
    'functions.read_file',
    'read_file<|channel|>commentary',
    'default_api.read_file',
    'default_api:read_file',
    'tools/read_file',
    'functions_read_file',
    'functions.read_file:0',
    'read_file_tool',
    ' read_file ',
    '"read_file"',
    'Read_File',
    'readFile',
    'read-file',
    'mcp__files__read_file',
    'namespace.functions.read_file()',
  ])
    it(`${JSON.stringify(name)} means the only tool that it holds`, () => expect(meantTool(name, TOOLS)).to.equal('read_file'));

  for (const name of [
    '',
    'read',
    'file',
    'delete_read_file',
    'read_file_later',
    'read_file.list_files',
    'read_file, list_files',
    'x'.repeat(150),
  ])
    it(`${JSON.stringify(name)} means none, or more than one`, () => expect(meantTool(name, TOOLS)).to.equal(undefined));

  it('means itself where there is such a tool, whatever it holds', () => {
    expect(meantTool('files.read_file', ['files.read_file', 'read_file'])).to.equal('files.read_file');
    expect(meantTool('x.read-file', ['read-file', 'read_file'])).to.equal(undefined);
  });

  it('is one that every API takes, whatever it was', () => {
    expect(plainToolName('read_file')).to.equal('read_file');
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(plainToolName(name)).to.match(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/);
      }),
    );
  });
});
