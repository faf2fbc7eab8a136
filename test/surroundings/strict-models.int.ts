import { expect } from 'chai';
import { failOnBrokenRules, takeBrokenRules } from '../support/strict-models.ts';

describe("requests of the tests to models' APIs", () => {
  it('are refused, and fail their test, where they break a rule of the API, whatever server would answer', async () => {
    const body = JSON.stringify({ model: 'claude-test', max_tokens: 10, messages: [{ role: 'assistant', content: 'x' }] });
    const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': 'test' };
    // Nobody listens there.
    const response = await fetch('http://127.0.0.1:9/v1/messages', { method: 'POST', headers, body });
    expect(response.status).to.equal(400);
    expect(await response.json()).to.have.nested.property('error.type', 'invalid_request_error');
    expect(failOnBrokenRules).to.throw(/first-user: .*\nprefill: /);
    expect(takeBrokenRules()).to.deep.equal([]);
  });

  it('are refused so by OpenAI-compatible servers, too', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch('http://127.0.0.1:9/v1/chat/completions', {
      method: 'POST',
      headers,
      body: '{"model":"m","messages":[]}',
    });
    expect(response.status).to.equal(400);
    expect(await response.json()).to.have.nested.property('error.type', 'invalid_request_error');
    expect(failOnBrokenRules).to.throw(/messages-present: /);
  });
});
