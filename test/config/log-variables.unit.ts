import { expect } from 'chai';
import { configOf, loadWith, onlyProblem } from './loaded-config.ts';

describe('The variables of the log', () => {
  it('say when a file is put aside and how many there are, under their older names as well', () => {
    expect(configOf(loadWith({})).log).to.deep.equal({ maxFileBytes: 10 * 1024 ** 2, maxFiles: 5 });
    const asked = { maxFileBytes: 512 * 1024, maxFiles: 3 };
    expect(configOf(loadWith({ KEPT_LOG_MAX_SIZE: '512KB', KEPT_LOG_MAX_FILES: '3' })).log).to.deep.equal(asked);
    expect(configOf(loadWith({ LOG_MAX_SIZE: '512KB', LOG_MAX_FILES: '3' })).log).to.deep.equal(asked);
  });

  it('count by their newer name where both are set, and the older one is a warning', () => {
    const config = configOf(loadWith({ KEPT_LOG_MAX_SIZE: '1MB', LOG_MAX_SIZE: '2MB', KEPT_LOG_MAX_FILES: '3', LOG_MAX_FILES: '3' }));
    expect(config.log).to.deep.equal({ maxFileBytes: 1024 ** 2, maxFiles: 3 });
    expect(config.warnings.map(({ place }) => place)).to.deep.equal(['LOG_MAX_SIZE']);
  });

  it('refuse a size that is none, as that of a request', () => {
    expect(onlyProblem(loadWith({ KEPT_LOG_MAX_SIZE: 'big' })).place).to.equal('KEPT_LOG_MAX_SIZE');
    expect(onlyProblem(loadWith({ KEPT_LOG_MAX_FILES: '0' })).place).to.equal('KEPT_LOG_MAX_FILES');
  });

  it('leave temporary files where they are, if asked to, at any level', () => {
    expect(configOf(loadWith({})).preservesTempFiles).to.equal(false);
    expect(configOf(loadWith({ KEPT_PRESERVE_TEMP_FILES: 'on' })).preservesTempFiles).to.equal(true);
  });

  it('let contents into the log at level DEBUG alone; elsewhere a switch is a warning', () => {
    const switches = {
      KEPT_LOG_AGENT_INPUTS: 'on',
      KEPT_LOG_AGENT_OUTPUTS: 'on',
      KEPT_LOG_TOOL_CALLS: 'on',
      KEPT_LOG_API_REQUESTS: 'on',
    };
    const none = { agentInputs: false, agentOutputs: false, toolCalls: false, apiRequests: false };
    expect(configOf(loadWith({ LOG_LEVEL: 'DEBUG' })).loggedContent).to.deep.equal(none);
    expect(configOf(loadWith({ LOG_LEVEL: 'DEBUG', ...switches })).loggedContent).to.deep.equal({
      agentInputs: true,
      agentOutputs: true,
      toolCalls: true,
      apiRequests: true,
    });
    const { loggedContent, warnings } = configOf(loadWith(switches));
    expect(loggedContent).to.deep.equal(none);
    expect(warnings.map(({ place }) => place)).to.deep.equal(Object.keys(switches));
    expect(configOf(loadWith({ LOG_LEVEL: 'DEBUG', KEPT_LOG_TOOL_CALLS: 'true' })).loggedContent).to.deep.equal({
      ...none,
      toolCalls: true,
    });
  });
});
