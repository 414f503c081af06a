/** Services of any container, jobs, and a platform with or without a database: what is understood, what is refused. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { ConfigurationError, type Problem } from '../problems.ts'
import { resolvePlatform } from '../resolve.ts'

const root = mkdtempSync(join(tmpdir(), 'baton-services-'))
after(() => rmSync(root, { recursive: true }))
for (const folder of ['site', 'service/src', 'docker', 'target'])
  mkdirSync(join(root, folder), { recursive: true })
writeFileSync(join(root, 'service/src/main.ts'), '')
writeFileSync(join(root, 'docker/Dockerfile'), 'FROM scratch\n')
writeFileSync(join(root, 'target/app.jar'), 'PK\u0003\u0004')
writeFileSync(join(root, 'target/text.jar'), 'no jar')
writeFileSync(join(root, 'target/app.war'), 'PK\u0003\u0004')

const nginx = 'public.ecr.aws/nginx/nginx:1.29'
const source = 'service'

/** A platform whose one service is `api`, with more of the platform. */
const platform = (api: object, more: object = {}) => ({
  project: 'keencho',
  domain: 'keencho.com',
  sites: { web: { host: 'app', source: 'site', service: 'api' } },
  services: { api },
  ...more,
})
const database = { database: { name: 'keencho', migrations: source } }
const job = (nightly: object) => platform({ source }, { jobs: { nightly } })
const daily = 'cron(0 3 * * ? *)'

function problemsOf(input: unknown): readonly Problem[] {
  try {
    resolvePlatform(input, root)
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error))
    return error.problems
  }
  return []
}

const resolved = (input: unknown) => resolvePlatform(input, root)

describe('a service is of one kind', () => {
  test('source, jar, Dockerfile or image, each in one line', () => {
    const kindOf = (api: object) => resolved(platform(api)).services[0]?.containers[0]
    assert.deepEqual(kindOf({ source })?.image, {
      kind: 'source',
      folder: join(root, 'service'),
      entry: 'src/main.ts',
    })
    assert.deepEqual(kindOf({ jar: 'target/app.jar' })?.image, {
      kind: 'jar',
      path: join(root, 'target/app.jar'),
      javaVersion: 21,
      jvmOptions: ['-XX:MaxRAMPercentage=75'],
    })
    assert.deepEqual(kindOf({ dockerfile: 'docker/Dockerfile', port: 80 })?.image, {
      kind: 'dockerfile',
      path: join(root, 'docker/Dockerfile'),
      context: join(root, 'docker'),
      args: {},
    })
    assert.deepEqual(kindOf({ image: nginx, port: 80 })?.image, { kind: 'image', reference: nginx })
    assert.equal(kindOf({ jar: 'target/app.jar' })?.port, 8080)
  })

  test('a jar that a command builds does not have to be there yet', () => {
    const jar = { path: 'target/later.jar', javaVersion: 17, build: { command: 'mvn package' } }
    assert.deepEqual(problemsOf(platform({ jar })), [])
  })

  test('a worker takes no traffic, and a platform needs no database', () => {
    const [worker] = resolved({ ...platform({ source, worker: true }), sites: {} }).services
    assert.equal(worker?.traffic, undefined)
    assert.equal(worker?.containers[0].port, undefined)
    assert.equal(worker?.database, false)
  })

  test('several services share a host when their paths are apart', () => {
    const both = {
      ...platform({ source }, database),
      sites: { web: { host: 'app', source: 'site', service: ['api', 'reports'] } },
      services: {
        api: { source, paths: ['/api/accounts/*'] },
        reports: { image: nginx, port: 80, paths: ['/api/reports/*'], database: false },
      },
    }
    const [api, reports] = resolved(both).services
    assert.deepEqual(api?.traffic?.hosts, reports?.traffic?.hosts)
    assert.deepEqual([api?.database, reports?.database], [true, false])
  })

  test('a job of a service has its image, environment and secrets, and a command of its own', () => {
    const api = { source, secrets: ['KEY'], environment: { A: '1' } }
    const nightly = { service: 'api', command: ['node', 'x.js'], schedule: daily, environment: { B: '2' } }
    const [found] = resolved(platform(api, { jobs: { nightly } })).jobs
    assert.equal(found?.container.image.kind, 'source')
    assert.deepEqual(found?.container.environment, { A: '1', B: '2' })
    assert.deepEqual(found?.container.secrets, ['KEY'])
    assert.deepEqual(found?.container.command, ['node', 'x.js'])
  })
})

type Mistake = readonly [what: string, input: object, paths: readonly string[], fix?: RegExp]

const sidecar = (container: object, more: object = {}) =>
  platform({ source, containers: { nginx: { image: nginx, ...container } }, ...more })
const two = (api: object, other: object) => ({
  ...platform(api),
  sites: { web: { host: 'app', source: 'site', service: ['api', 'other'] } },
  services: { api, other },
})

const mistakes: readonly Mistake[] = [
  ['two kinds', platform({ source, jar: 'target/app.jar' }), ['services.api'], /Keep one of: source, jar/],
  ['no kind', platform({ port: 80 }), ['services.api'], /source .*, jar, dockerfile, or image/],
  ['an entry without a source', platform({ jar: 'target/app.jar', entry: 'x.ts' }), ['services.api.entry']],
  ['a path that is no jar', platform({ jar: 'target/app.war' }), ['services.api.jar']],
  ['a file that is no jar', platform({ jar: 'target/text.jar' }), ['services.api.jar'], /Build it again/],
  ['a jar that is missing', platform({ jar: 'target/none.jar' }), ['services.api.jar'], /Build it first/],
  [
    'a version of Java that has no base',
    platform({ jar: { path: 'target/app.jar', javaVersion: 18 } }),
    ['services.api.jar.javaVersion'],
    /17, 21, 25/,
  ],
  [
    'a Dockerfile that is missing',
    platform({ dockerfile: 'docker/None', port: 80 }),
    ['services.api.dockerfile'],
  ],
  [
    'a context that is missing',
    platform({ dockerfile: { path: 'docker/Dockerfile', context: 'none' }, port: 80 }),
    ['services.api.dockerfile.context'],
  ],
  [
    'a reference in upper case',
    platform({ image: 'ghcr.io/Keencho/App:1', port: 80 }),
    ['services.api.image'],
  ],
  [
    'a reference without tag and digest',
    platform({ image: 'nginx', port: 80 }),
    ['services.api.image'],
    /Add one/,
  ],
  ['an image without a port', platform({ image: nginx }), ['services.api.port'], /worker: true/],
  [
    'traffic for a container without a port',
    sidecar({}, { traffic: 'nginx' }),
    ['services.api.containers.nginx.port'],
  ],
  [
    'traffic for an unknown container',
    sidecar({ port: 80 }, { traffic: 'ngnix' }),
    ['services.api.traffic'],
    /"nginx"/,
  ],
  ['two containers on one port', sidecar({ port: 8080 }), ['services.api.containers.nginx.port']],
  [
    'a container named like its service',
    platform({ source, containers: { api: { image: nginx } } }),
    ['services.api.containers.api'],
  ],
  [
    'a dependency on nothing',
    sidecar({ dependsOn: { apo: 'START' } }),
    ['services.api.containers.nginx.dependsOn.apo'],
    /"api"/,
  ],
  [
    'a circle',
    sidecar({ dependsOn: { api: 'START' } }, { dependsOn: { nginx: 'START' } }),
    ['services.api.dependsOn'],
    /Remove one/,
  ],
  [
    'a container that waits for itself',
    sidecar({ dependsOn: { nginx: 'START' } }),
    ['services.api.containers.nginx.dependsOn'],
  ],
  [
    'HEALTHY without a health check',
    sidecar({ dependsOn: { api: 'HEALTHY' } }),
    ['services.api.containers.nginx.dependsOn.api'],
    /healthCheck: \{ command/,
  ],
  [
    'the end of what never ends',
    sidecar({ dependsOn: { api: 'SUCCESS' } }),
    ['services.api.containers.nginx.dependsOn.api'],
    /START or HEALTHY/,
  ],
  ['more memory than the task has', sidecar({ memoryMiB: 2000 }), ['services.api.memoryMiB']],
  [
    'a health command without CMD',
    platform({ source, healthCheck: { command: ['curl', 'x'] } }),
    ['services.api.healthCheck.command'],
  ],
  [
    'less disk than Fargate gives',
    platform({ source, ephemeralStorageGiB: 20 }),
    ['services.api.ephemeralStorageGiB'],
  ],
  [
    'the health check of earlier versions',
    platform({ source, healthCheck: { path: '/x' } }),
    ['services.api.healthCheck.command', 'services.api.healthCheck.path'],
    /check is health/,
  ],
  [
    'the spelling of earlier versions',
    platform({ source, readOnlyRootFilesystem: true }),
    ['services.api.readOnlyRootFilesystem'],
    /readonlyRootFilesystem/,
  ],
  [
    'a worker with paths',
    { ...platform({ source, worker: true, paths: ['/x/*'] }), sites: {} },
    ['services.api.paths'],
  ],
  [
    'overlapping paths of one host',
    two({ source }, { source, paths: ['/api/x/*'] }),
    ['services.other.paths'],
    /paths of its own/,
  ],
  ['a path of the site’s files', platform({ source, paths: ['/*'] }), ['services.api.paths.0']],
  ['one path twice', platform({ source, paths: ['/api/*', '/api/x'] }), ['services.api.paths.1']],
  ['a path with a space', platform({ source, paths: ['/a b'] }), ['services.api.paths.0']],
  [
    'more paths than a rule takes',
    platform({ source, paths: ['/a/*', '/b/*', '/c/*'] }),
    ['services.api.paths'],
  ],
  [
    'a database that is not there',
    platform({ source, environment: { URL: { from: 'database.url' } } }),
    ['services.api.environment.URL'],
    /database: \{/,
  ],
  [
    'a database that is turned off',
    platform({ source, database: false, environment: { URL: { from: 'database.url' } } }, database),
    ['services.api.environment.URL'],
    /database: true/,
  ],
  [
    'a name that the platform does not know',
    platform({ source, environment: { URL: { from: 'database.uri' } } }),
    ['services.api.environment.URL.from'],
    /database\.url/,
  ],
  [
    'the host of an unknown site',
    platform({ source, environment: { URL: { from: 'sites.wbe.host' } } }),
    ['services.api.environment.URL'],
    /"web"/,
  ],
  [
    'a value that is no text',
    platform({ source, environment: { N: 5 } }),
    ['services.api.environment.N'],
    /\{ from: NAME \}/,
  ],
  [
    'a variable that is a secret too',
    sidecar({ environment: { K: '1' }, secrets: ['K'] }),
    ['services.api.containers.nginx.secrets.0'],
  ],
  [
    'a URL with the master’s password',
    platform(
      { source },
      { database: { name: 'x', migrations: { source, environment: { U: { from: 'database.url' } } } } },
    ),
    ['database.migrations.environment.U'],
    /jdbcUrl/,
  ],
  ['a job without a schedule', job({ source }), ['jobs.nightly.schedule']],
  ['a schedule of crontab', job({ source, schedule: '0 3 * * *' }), ['jobs.nightly.schedule'], /cron\(0 3/],
  ['a day of month and of week', job({ source, schedule: 'cron(0 3 * * MON *)' }), ['jobs.nightly.schedule']],
  ['an hour that no day has', job({ source, schedule: 'cron(0 25 * * ? *)' }), ['jobs.nightly.schedule']],
  ['a rate of nothing', job({ source, schedule: 'rate(0 minutes)' }), ['jobs.nightly.schedule']],
  [
    'a date that no year has',
    job({ source, schedule: 'at(2027-02-30T03:00:00)' }),
    ['jobs.nightly.schedule'],
  ],
  [
    'a time zone that is none',
    job({ source, schedule: daily, timeZone: 'Asia/Soul' }),
    ['jobs.nightly.timeZone'],
    /Asia\/Seoul/,
  ],
  [
    'a job of an unknown service',
    job({ service: 'apo', schedule: daily }),
    ['jobs.nightly.service'],
    /"api"/,
  ],
  [
    'a job of a service with an image',
    job({ service: 'api', source, schedule: daily }),
    ['jobs.nightly.source'],
  ],
  ['a job of nothing', job({ schedule: daily }), ['jobs.nightly'], /or service/],
]

describe('a combination that makes no sense is reported with its place and its fix:', () => {
  for (const [what, input, paths, fix = /./] of mistakes) {
    test(what, () => {
      const problems = problemsOf(input)
      assert.deepEqual(
        problems.map(({ path }) => path),
        paths,
        JSON.stringify(problems, null, 2),
      )
      assert.match(problems[0]?.fix ?? '', fix)
    })
  }

  test('all of them at once, over services, jobs and the database', () => {
    const problems = problemsOf({
      ...platform({ jar: 'target/none.jar', image: nginx }),
      jobs: { nightly: { image: 'nginx', schedule: 'daily' } },
      database: { name: 'postgres', migrations: 'none' },
    })
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['services.api', 'jobs.nightly.image', 'jobs.nightly.schedule', 'database.name'],
    )
  })
})

test('schedules as EventBridge Scheduler takes them are taken', () => {
  for (const schedule of [
    'rate(5 minutes)',
    'rate(1 hour)',
    'at(2027-01-31T03:00:00)',
    daily,
    'cron(0/15 8-17 ? * MON-FRI *)',
    'cron(0 0 L * ? 2027)',
    'cron(15 10 ? * 6#3 2027-2030)',
    'cron(0 12 1,15W JAN-JUN ? *)',
  ])
    assert.deepEqual(problemsOf(job({ source, schedule })), [], schedule)
})
