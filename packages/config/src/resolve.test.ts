import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { contains, ipv4Block, overlaps } from './cidr.ts'
import { allAtOnce, canary, linear } from './define.ts'
import { ConfigurationError, type Problem } from './problems.ts'
import { resolvePlatform } from './resolve.ts'

const root = mkdtempSync(join(tmpdir(), 'baton-config-'))
after(() => rmSync(root, { recursive: true }))
for (const folder of ['admin-site', 'user-site', 'admin-service/src', 'user-service/src', 'migrations/src']) {
  mkdirSync(join(root, folder), { recursive: true })
}
for (const folder of ['admin-service', 'user-service', 'migrations'])
  writeFileSync(join(root, folder, 'src/main.ts'), '')

/** A small valid platform; each test makes one thing invalid. */
const right = () => ({
  project: 'keencho',
  domain: 'keencho.com',
  sites: {
    admin: { host: 'app-admin', source: 'admin-site', service: 'admin' },
    user: { host: 'app-user', source: 'user-site', service: 'user' },
  },
  services: { admin: { source: 'admin-service' }, user: { source: 'user-service' } },
  database: { name: 'keencho', migrations: 'migrations' },
})

function problemsOf(input: unknown): readonly Problem[] {
  try {
    resolvePlatform(input, root)
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error))
    return error.problems
  }
  return []
}

const service = (change: object) => ({
  services: { admin: { source: 'admin-service', ...change }, user: { source: 'user-service' } },
})
const subnets = (change: object) => ({ network: { subnets: change } })

describe('a platform', () => {
  test('needs few lines: names, hosts and folders are completed, and every option has a value', () => {
    const platform = resolvePlatform(right(), root)
    assert.equal(platform.name, 'keencho-production')
    const [admin] = platform.services
    assert.deepEqual(admin?.traffic?.hosts, ['app-admin.keencho.com'])
    assert.deepEqual(admin?.containers[0].image, {
      kind: 'source',
      folder: join(root, 'admin-service'),
      entry: 'src/main.ts',
    })
    assert.doesNotMatch(
      JSON.stringify(platform, (_, value) => value ?? 'nothing'),
      /nothing/,
    )
    // What is written takes the place of a default, and of nothing else.
    const changed = resolvePlatform({ ...right(), ...service({ tasks: { max: 9 } }) }, root).services
    assert.deepEqual(changed[0]?.tasks, { ...admin?.tasks, max: 9 })
    assert.deepEqual(changed[1], platform.services[1])
  })

  test('cuts subnets out of its network: one of each kind per zone, none on top of another', () => {
    for (const network of [{}, { cidr: '172.16.0.0/20', zones: Array.of('a', 'b', 'c') }]) {
      const { cidr, zones } = resolvePlatform({ ...right(), network }, root).network
      for (const { letter, name } of zones) assert.equal(name, `ap-northeast-2${letter}`)
      const blocks = zones
        .flatMap((zone) => [zone.publicCidr, zone.privateCidr, zone.databaseCidr])
        .map(ipv4Block)
      for (const [index, block] of blocks.entries()) {
        assert.ok(contains(ipv4Block(cidr), block), block.text)
        assert.ok(!blocks.slice(0, index).some((other) => overlaps(other, block)), block.text)
      }
    }
  })

  test('takes every shift', () => {
    for (const shift of [
      allAtOnce(),
      canary({ percent: 10, minutes: 5 }),
      linear({ percent: 10, minutes: 1 }),
    ]) {
      assert.deepEqual(resolvePlatform({ ...right(), delivery: { shift } }, root).delivery.shift, shift)
    }
  })
})

/** What is invalid, and the exact places at which it is reported. */
const mistakes: readonly [string, object, readonly string[]][] = [
  ['an unknown key', { projct: 'x' }, ['projct']],
  ['an unknown key of a service', service({ cpus: 512 }), ['services.admin.cpus']],
  ['a missing key', { domain: undefined }, ['domain']],
  ['a wrong type', service({ port: '8080' }), ['services.admin.port']],
  ['a name that AWS would not take', { project: 'Keencho_1' }, ['project']],
  [
    'a name too long for a load balancer',
    { project: 'a-rather-long-project-name' },
    ['project', 'services.admin', 'services.user'],
  ],
  [
    'a name too long for a target group',
    service({}).services && {
      services: { 'administration-x': { source: 'admin-service' }, user: { source: 'user-service' } },
      sites: {
        admin: { host: 'a', source: 'admin-site', service: 'administration-x' },
        user: { host: 'b', source: 'user-site', service: 'user' },
      },
    },
    ['services.administration-x'],
  ],
  [
    'a domain too long for a bucket',
    { domain: 'a-domain-name-that-is-long-enough-for-trouble.com' },
    ['domain'],
  ],
  [
    'a service named like something of the platform',
    {
      services: { database: { source: 'admin-service' }, user: { source: 'user-service' } },
      sites: {
        a: { host: 'a', source: 'admin-site', service: 'database' },
        b: { host: 'b', source: 'user-site', service: 'user' },
      },
    },
    ['services.database'],
  ],
  ['a region that does not exist', { region: 'ap-northeast-9' }, ['region']],
  ['a domain without a top-level domain', { domain: 'keencho' }, ['domain']],
  ['a host used twice', { resources: { host: 'app-admin' } }, ['resources.host']],
  [
    'a site of an unknown service',
    { sites: { ...right().sites, other: { host: 'x', source: 'user-site', service: 'usr' } } },
    ['sites.other.service'],
  ],
  ['a service that no site calls', { sites: { admin: right().sites.admin } }, ['services.user']],
  [
    'a country that does not exist',
    { resources: { host: 'r', countries: ['KR', 'XX'] } },
    ['resources.countries.1'],
  ],
  ['a zone that the region does not have', { network: { zones: ['a', 'e'] } }, ['network.zones.1']],
  ['a zone named twice', { network: { zones: ['a', 'a'] } }, ['network.zones.1']],
  ['too few zones', { network: { zones: ['a'] } }, ['network.zones']],
  ['a network that starts in mid-block', { network: { cidr: '10.0.1.0/16' } }, ['network.cidr']],
  ['a network too small to carve up', { network: { cidr: '10.0.0.0/22' } }, ['network.cidr']],
  [
    'overlapping subnets',
    subnets({ public: Array.of('10.0.1.0/24', '10.0.1.128/25') }),
    ['network.subnets.public.1'],
  ],
  [
    'a subnet on top of a carved one',
    subnets({ database: Array.of('10.0.1.0/24', '10.0.9.0/24') }),
    ['network.subnets.database.0'],
  ],
  [
    'a subnet outside of the network',
    subnets({ private: Array.of('10.0.3.0/24', '10.1.4.0/24') }),
    ['network.subnets.private.1'],
  ],
  ['a block too few', subnets({ private: ['10.0.3.0/24'] }), ['network.subnets.private']],
  ['a folder that does not exist', service({ source: 'nowhere' }), ['services.admin.source']],
  ['an entry that does not exist', service({ entry: 'nowhere.ts' }), ['services.admin.entry']],
  ['a size that Fargate does not have', service({ cpu: 300 }), ['services.admin.cpu']],
  [
    'memory that Fargate does not pair with the CPU',
    service({ cpu: 256, memoryMiB: 4096 }),
    ['services.admin.memoryMiB'],
  ],
  ['more tasks at least than at most', service({ tasks: { min: 3, max: 2 } }), ['services.admin.tasks']],
  [
    'a stop time-out shorter than the drain',
    service({ drainSeconds: 60, stopTimeoutSeconds: 30 }),
    ['services.admin.stopTimeoutSeconds'],
  ],
  [
    'a health check that overlaps itself',
    service({ health: { intervalSeconds: 5, timeoutSeconds: 5 } }),
    ['services.admin.health.timeoutSeconds'],
  ],
  [
    'a grace period longer than a release waits',
    service({ health: { gracePeriodSeconds: 600 } }),
    ['services.admin.health.gracePeriodSeconds'],
  ],
  [
    'a variable of the platform',
    service({ environment: { PGHOST: 'x' } }),
    ['services.admin.environment.PGHOST'],
  ],
  [
    'a secret that is a variable too',
    service({ environment: { KEY: 'x' }, secrets: ['KEY'] }),
    ['services.admin.secrets.0'],
  ],
  [
    'storage that cannot grow',
    { database: { ...right().database, maxStorageGiB: 20 } },
    ['database.maxStorageGiB'],
  ],
  [
    'a database name that RDS reserves',
    { database: { ...right().database, name: 'postgres' } },
    ['database.name'],
  ],
  [
    'a migration that does not exist',
    { database: { ...right().database, migrations: 'nowhere' } },
    ['database.migrations'],
  ],
  [
    'an unknown shift',
    { delivery: { shift: { kind: 'canry', percent: 10, minutes: 5 } } },
    ['delivery.shift.kind'],
  ],
  [
    'an alarm slower than the canary',
    { delivery: { shift: canary({ percent: 10, minutes: 3 }), alarms: { datapoints: 3 } } },
    ['delivery.alarms'],
  ],
  [
    'an alarm that cannot see the canary fail',
    { delivery: { alarms: { errorPercent: 10 } } },
    ['delivery.alarms.errorPercent'],
  ],
  [
    'a smoke test that cannot reach an internal load balancer',
    { network: { loadBalancer: 'internal' }, delivery: { smokeTest: true } },
    ['delivery.smokeTest'],
  ],
  [
    'a smoke test that would not reach the health path',
    { ...service({ health: { path: '/health' } }), delivery: { smokeTest: true } },
    ['services.admin.health.path'],
  ],
  [
    'more blocks for the test listener than a security group has room for',
    { delivery: { testAccess: ['1', '2', '3', '4', '5'].map((n) => `203.0.113.${n}/32`) } },
    ['delivery.testAccess'],
  ],
  [
    'ECS Exec in a container that may write nothing',
    service({ exec: true, readonlyRootFilesystem: true }),
    ['services.admin.exec'],
  ],
  ['an account that is not 12 digits', { account: '1234' }, ['account']],
  ['a test port that is taken', { delivery: { testPort: 443 } }, ['delivery.testPort']],
  ['a retention that CloudWatch does not have', { logs: { retentionDays: 31 } }, ['logs.retentionDays']],
  [
    'an e-mail address without a domain',
    { notifications: { emails: ['someone'] } },
    ['notifications.emails.0'],
  ],
]

describe('a mistake is reported with its place and its fix:', () => {
  for (const [what, change, paths] of mistakes) {
    test(what, () => {
      const problems = problemsOf({ ...right(), ...change })
      assert.deepEqual(
        problems.map(({ path }) => path),
        paths,
        JSON.stringify(problems, null, 2),
      )
      for (const { message, fix } of problems) assert.ok(message.length > 0 && fix.length > 0)
    })
  }

  test('no sites at all, for services that need one', () => {
    assert.deepEqual(
      problemsOf({ ...right(), sites: {} }).map(({ path }) => path),
      ['services.admin', 'services.user'],
    )
  })

  test('nothing that is an object', () => {
    assert.deepEqual(
      problemsOf('keencho').map(({ path }) => path),
      [''],
    )
  })
})

describe('all problems are reported at once', () => {
  test('shape and sense alike', () => {
    const problems = problemsOf({
      ...right(),
      projct: 'keencho',
      resources: { host: 'app-user' },
      network: { cidr: '10.0.0.0/16', subnets: { public: ['10.0.1.0/24', '10.0.1.0/24'] }, nta: 'none' },
      services: {
        admin: { source: 'nowhere', cpu: 'much' },
        user: { source: 'user-service', memoryMiB: 1000 },
      },
    })
    assert.deepEqual(problems.map(({ path }) => path).sort(), [
      'network.nta',
      'network.subnets.public.1',
      'projct',
      'resources.host',
      'services.admin.cpu',
      'services.admin.source',
      'services.user.memoryMiB',
    ])
  })

  test('a replaced value brings no problems of its own', () => {
    const problems = problemsOf({
      ...right(),
      network: { cidr: 'none', subnets: { public: Array.of('10.9.1.0/24', '10.9.2.0/24') } },
    })
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['network.cidr'],
    )
  })

  test('a typing mistake is answered with the right word', () => {
    assert.match(problemsOf({ ...right(), projct: 1 })[0]?.fix ?? '', /"project"/)
    assert.match(problemsOf({ ...right(), region: 'ap-northeast2' })[0]?.fix ?? '', /ap-northeast-2/)
    assert.match(problemsOf({ ...right(), network: { nat: 'gatway' } })[0]?.fix ?? '', /"gateway"/)
  })
})
