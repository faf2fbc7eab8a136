import { expect } from 'chai';
import { configOf, loadWith, onlyProblem } from './loaded-config.ts';

const ENDPOINT = 'http://127.0.0.1:4318';
const TOKEN = `token-${'t'.repeat(20)}`;

describe('The variables of traces', () => {
  it('send none unless an endpoint is named', () => {
    expect(configOf(loadWith({ OTEL_SERVICE_NAME: 'mine', OTEL_RESOURCE_ATTRIBUTES: 'a=b' }))).not.to.have.property('traces');
    expect(configOf(loadWith({ OTEL_EXPORTER_OTLP_ENDPOINT: `${ENDPOINT}/` })).traces).to.deep.equal({
      endpoint: ENDPOINT,
      headers: {},
      serviceName: 'kept',
      resource: {},
      sampled: 1,
      hasContent: false,
    });
  });

  it('are read as OpenTelemetry writes them, and the values of headers are secrets, also without the word before them', () => {
    const config = configOf(
      loadWith({
        OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT,
        OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${TOKEN}, x-team = a%2Cb`,
        KEPT_TRACE_CONTENT: 'on',
        OTEL_RESOURCE_ATTRIBUTES: 'service.name=by-attribute,deployment.environment.name=production',
      }),
    );
    expect(config.traces).to.deep.equal({
      endpoint: ENDPOINT,
      headers: { authorization: `Bearer ${TOKEN}`, 'x-team': 'a,b' },
      serviceName: 'by-attribute',
      resource: { 'deployment.environment.name': 'production' },
      sampled: 1,
      hasContent: true,
    });
    expect(config.secrets).to.include.members([TOKEN, `Bearer ${TOKEN}`]);
    const named = { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_RESOURCE_ATTRIBUTES: 'service.name=b', OTEL_SERVICE_NAME: 'a' };
    expect(configOf(loadWith(named)).traces?.serviceName).to.equal('a');
  });

  it('choose a part of all traces, by the names that OpenTelemetry has for it', () => {
    const sampledWith = (env: Record<string, string>) =>
      configOf(loadWith({ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, ...env })).traces?.sampled;
    expect(sampledWith({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' })).to.equal(0.25);
    expect(sampledWith({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '.5' })).to.equal(0.5);
    expect(sampledWith({ OTEL_TRACES_SAMPLER: 'traceidratio' })).to.equal(1);
    // What always_on means, no part changes.
    expect(sampledWith({ OTEL_TRACES_SAMPLER: 'always_on', OTEL_TRACES_SAMPLER_ARG: '0.25' })).to.equal(1);
    expect(sampledWith({ OTEL_TRACES_SAMPLER: 'always_off' })).to.equal(0);
    for (const part of ['1.1', '-0.1', '10%', 'NaN', '1e-3'])
      expect(onlyProblem(loadWith({ OTEL_TRACES_SAMPLER_ARG: part })).hint).to.include('from 0 to 1');
  });

  it('are refused where they are malformed, and no problem quotes a header', () => {
    for (const headers of [TOKEN, `=${TOKEN}`, `a b=${TOKEN}`, `a=${TOKEN}%zz`, `a=${TOKEN}%0A`]) {
      const problem = onlyProblem(loadWith({ OTEL_EXPORTER_OTLP_HEADERS: headers }));
      expect(problem).to.include({ place: 'OTEL_EXPORTER_OTLP_HEADERS', severity: 'error' });
      expect(JSON.stringify(problem)).not.to.include(TOKEN);
    }
    expect(onlyProblem(loadWith({ OTEL_EXPORTER_OTLP_ENDPOINT: '127.0.0.1:4318' })).problem).to.include('not an http or https address');
    expect(onlyProblem(loadWith({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://me:pass@host' })).hint).to.include('OTEL_EXPORTER_OTLP_HEADERS');
  });
});
