/** `baton check service/NAME --run` on services that each break some points of the contract: every point is broken once. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { ContractReport } from '../../packages/rehearsal/src/index.ts'
import { openWorkspace, repository } from './workspace.ts'

/** Everything that a first attempt does: what Node.js does by default, and a health check that says yes. */
const sloppy = `
  import { createServer } from 'node:http'
  import { connect } from 'node:net'
  import { writeFileSync } from 'node:fs'
  const readyAt = Date.now() + 4_000
  writeFileSync('cache.txt', 'x')
  process.on('SIGTERM', () => process.exit(0))
  createServer((request, response) => {
    if (request.url === '/api/health') {
      const socket = connect(Number(process.env.PGPORT), process.env.PGHOST)
      socket.on('error', () => response.writeHead(503).end())
      socket.on('connect', () => { socket.destroy(); response.end('ok') })
      return
    }
    if (Date.now() < readyAt) return response.writeHead(503).end()
    request.resume().on('end', () => response.writeHead(request.method === 'POST' ? 201 : 200).end('{"id":1,"accounts":[]}'))
  }).listen(Number(process.env.PORT), process.env.HOST)
`

const elsewhere = `
  import { createServer } from 'node:http'
  createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1', () => console.log('serving'))
`

/** Started through a shell, and slow. */
const deaf = `
  import { createServer } from 'node:http'
  const server = createServer((request, response) => {
    response.setHeader('x-app-version', process.env.APP_VERSION)
    request.resume().on('end', () => response.writeHead(request.method === 'POST' ? 201 : 200).end('{"id":1,"accounts":[]}'))
  })
  server.keepAliveTimeout = 75_000
  setTimeout(() => server.listen(Number(process.env.PORT), process.env.HOST, () => console.log('serving')), 8_000)
`

const services = {
  sloppy: {
    code: sloppy,
    options: {
      healthCheck: {
        command: ['CMD-SHELL', 'curl -f http://localhost:8080/api/health || exit 1'],
        startPeriodSeconds: 300,
      },
    },
  },
  elsewhere: { code: elsewhere, options: {} },
  deaf: {
    code: deaf,
    options: {
      command: ['/bin/sh', '-c', 'node server.js; true'],
      health: { path: '/api/health', gracePeriodSeconds: 5 },
      drainSeconds: 4,
      stopTimeoutSeconds: 5,
    },
  },
}

const workspace = openWorkspace()
after(() => workspace.close())

function configure(): string {
  const names = Object.keys(services) as (keyof typeof services)[]
  for (const name of names) {
    const folder = join(workspace.root, name)
    mkdirSync(join(folder, 'src'), { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, type: 'module' }))
    writeFileSync(join(folder, 'src/main.ts'), services[name].code)
  }
  const of = <T>(make: (name: keyof typeof services) => T) =>
    Object.fromEntries(names.map((name) => [name, make(name)]))
  const platform = {
    project: 'broken',
    environment: 'test',
    region: 'ap-northeast-2',
    domain: 'broken.com',
    sites: of((name) => ({ host: `app-${name}`, source: `./${name}`, service: name })),
    services: of((name) => ({ source: `./${name}`, ...services[name].options })),
    database: { name: 'broken', migrations: join(repository, 'examples/accounts/apps/migrations') },
  }
  const audience = (site: string) => `{
    site: '${site}', pages: ['/'], read: '/api/accounts',
    create: { path: '/api/accounts', body: (n, unique) => ({ loginId: unique + n }), id: (answer) => String(answer.id) },
    remove: (id) => '/api/accounts/' + id,
    list: { path: () => '/api/accounts', read: () => ({ ids: [] }) },
  }`
  workspace.write(
    'baton.rehearsal.ts',
    `export default { rate: 1, audiences: [${names.map(audience).join(', ')}] }\n`,
  )
  return workspace.write('baton.config.ts', `export default ${JSON.stringify(platform, null, 2)}\n`)
}

async function check(config: string, name: keyof typeof services) {
  const { code, stdout, stderr } = await workspace.run(
    '--config',
    config,
    '--json',
    'check',
    `service/${name}`,
    '--run',
  )
  assert.equal(code, 1, stderr)
  const report: ContractReport = JSON.parse(stdout)
  const results = Object.fromEntries(report.points.map((point) => [point.point, point]))
  const broken = report.points.filter(({ result }) => result === 'broken')
  for (const { fix } of broken) assert.ok(fix?.node && fix.springBoot && fix.nginx)
  assert.equal(report.broken, broken.length)
  return { results, broken: broken.map(({ point }) => point) }
}

describe('a service that breaks the contract is reported', () => {
  const config = configure()

  test('one that does what comes by default', { timeout: 300_000 }, async () => {
    const { results, broken } = await check(config, 'sloppy')
    assert.deepEqual(broken, [
      'health-after-ready',
      'health-survives-dependencies',
      'keeps-idle-connections',
      'finishes-requests',
      'names-its-version',
      'logs',
      'writes-to-mounts-only',
      'health-command-exists',
    ])
    assert.match(results['health-after-ready']?.detail ?? '', /got status 503 right after/)
    assert.match(results['keeps-idle-connections']?.detail ?? '', /4 s open, .*20 s closed after [56]/)
    assert.match(results['writes-to-mounts-only']?.detail ?? '', /cache\.txt/)
    assert.match(results['health-command-exists']?.detail ?? '', /needs curl/)
    assert.equal(results['gets-sigterm']?.result, 'kept')
  })

  test('one that listens elsewhere', { timeout: 300_000 }, async () => {
    const { results, broken } = await check(config, 'elsewhere')
    assert.deepEqual(broken, ['listens'])
    assert.match(results.listens?.detail ?? '', /it listens on 127\.0\.0\.1:\d+/)
  })

  test('one that is slow, and started through a shell', { timeout: 300_000 }, async () => {
    const { results, broken } = await check(config, 'deaf')
    assert.deepEqual(broken, ['starts-in-time', 'gets-sigterm'])
    assert.match(results['starts-in-time']?.detail ?? '', /healthy [\d.]+ s after .* grace period is 5 s/)
    assert.match(
      results['gets-sigterm']?.detail ?? '',
      /killed [\d.]+ s after SIGTERM.*does not pass the signal on/,
    )
    assert.equal(results['keeps-idle-connections']?.result, 'kept')
    await workspace.nothingLeft()
  })
})
