/**
 * A day with the platform on one machine: it is started, asked by every client that a user may have, changed by
 * deployments, stopped, found again, and at last destroyed. One region, one step after the other.
 */
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { existsSync, readFileSync } from 'node:fs'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { get as httpsGet } from 'node:https'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch'
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs'
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { eventually } from '../../bench/kill/invariants.ts'
import { alarmName, bucketName, clusterName, targetGroupName } from '../../packages/config/src/index.ts'
import type { Endpoints } from '../../packages/region/src/client/index.ts'
import { findBrowser, openBrowser } from './browser.ts'
import { invisible, openWorkspace } from './workspace.ts'

interface Status {
  readonly endpoints: Endpoints
  readonly pid: number
  readonly caFile: string
  readonly services: readonly {
    name: string
    version?: string
    runningCount: number
    taskDefinition: string
  }[]
  readonly sites: readonly { name: string; version?: string; url: string }[]
}

const scope = { name: 'keencho-production', domain: 'keencho.com' }
const adminHost = 'app-admin.keencho.com'
const run = promisify(execFile)

const workspace = openWorkspace()
after(() => workspace.close())

const config = workspace.configure()
const baton = (...args: string[]) => workspace.run('--config', config, ...args)
const anyPorts = ['--api-port', '0', '--http-port', '0', '--https-port', '0', '--dns-port', '0']

async function status(): Promise<Status> {
  const { code, stdout, stderr } = await baton('--json', 'status')
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

/** Where the region listens, and its authority: as `status` said when it was last started. */
let region: Pick<Status, 'endpoints' | 'caFile'>

/** What an AWS client needs: the endpoint, and the credentials where the README says they are. */
function client() {
  const { endpoints } = region
  const file = join(workspace.stateDir, 'region', 'region.json')
  const { credentials } = JSON.parse(readFileSync(file, 'utf8'))
  return { region: 'ap-northeast-2', endpoint: endpoints.api, credentials, forcePathStyle: true }
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** By the real host name, as `curl --cacert … --resolve …` asks. */
function visit(path: string, host = adminHost): Promise<Answer> {
  const { endpoints, caFile } = region
  const { port } = new URL(endpoints.https)
  const ca = readFileSync(caFile)
  return answer((done) =>
    httpsGet({ host: '127.0.0.1', port, path, servername: host, headers: { host }, ca, agent: false }, done),
  )
}

function answer(send: (done: (message: IncomingMessage) => void) => ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    send((message) => {
      let body = ''
      message.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      message.once('end', () => resolve({ status: message.statusCode ?? 0, headers: message.headers, body }))
    }).once('error', reject)
  })
}

const versionsOf = ({ services, sites }: Status) => ({
  services: Object.fromEntries(services.map(({ name, version }) => [name, version])),
  sites: Object.fromEntries(sites.map(({ name, version }) => [name, version])),
})

describe('the platform on one machine', { timeout: 420_000 }, () => {
  test('is started, and serves when the command returns', async () => {
    const up = await baton('--json', 'up', '--detach', ...anyPorts)
    assert.equal(up.code, 0, up.stderr)
    const { endpoints } = JSON.parse(up.stdout)
    assert.deepEqual(Object.keys(endpoints).toSorted(), ['api', 'dns', 'http', 'https'])
    assert.match(endpoints.api, /^http:\/\/[^:/]+:\d+/)
    assert.match(endpoints.http, /^http:\/\/[^:/]+:\d+/)
    assert.match(endpoints.https, /^https:\/\/[^:/]+:\d+/)
    assert.match(endpoints.dns, /^127\.0\.0\.1:\d+$/)
    const now = await status()
    region = now
    assert.deepEqual(now.endpoints, endpoints)
    assert.deepEqual(versionsOf(now), {
      services: { admin: 'v1', user: 'v1' },
      sites: { admin: 'v1', user: 'v1' },
    })
  })

  test('is not started twice', async () => {
    const second = await baton('up', '--detach', ...anyPorts)
    assert.equal(second.code, 1)
    assert.match(second.stderr, /is up already/)
    assert.match(second.stderr, /Fix: .*baton down/)
    assert.doesNotMatch(second.stderr, /^\s+at /m)
  })

  test('answers the AWS SDK', async () => {
    const settings = client()
    const ecs = new ECSClient(settings)
    const cluster = clusterName(scope)
    const { services = [] } = await ecs.send(
      new DescribeServicesCommand({ cluster, services: ['admin', 'user'] }),
    )
    assert.deepEqual(
      services.map(({ serviceName, status: state, desiredCount }) => [serviceName, state, desiredCount]),
      [
        ['admin', 'ACTIVE', 1],
        ['user', 'ACTIVE', 1],
      ],
    )
    const s3 = new S3Client(settings)
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: bucketName(scope, 'sites'), Prefix: 'admin/releases/v1/' }),
    )
    assert.ok(Contents.some(({ Key }) => Key === 'admin/releases/v1/index.html'))
    const elb = new ElasticLoadBalancingV2Client(settings)
    const Names = (['blue', 'green'] as const).map((color) => targetGroupName(scope, 'admin', color))
    const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ Names }))
    const health = await Promise.all(
      TargetGroups.map(({ TargetGroupArn }) => elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }))),
    )
    const states = health.flatMap(({ TargetHealthDescriptions = [] }) =>
      TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State),
    )
    assert.deepEqual(states, ['healthy'])
    for (const each of [ecs, s3, elb]) each.destroy()
  })

  test('shows what an alarm told, as its subscribers would have got it', async () => {
    const cloudWatch = new CloudWatchClient(client())
    const AlarmName = alarmName(scope, 'database-cpu')
    const StateReason = 'to see who is told'
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason }))
    cloudWatch.destroy()
    const notices = ['notices', '--since', '5m']
    const [json, text, misused] = await Promise.all([
      baton('--json', ...notices),
      baton(...notices),
      baton('notices', '--since', 'lately'),
    ])
    const { notices: told } = JSON.parse(json.stdout)
    const alarm = told.find(({ notification }: { notification: { Subject?: string } }) =>
      notification.Subject?.startsWith(`ALARM: "${AlarmName}"`),
    )
    assert.equal(alarm?.notification.Type, 'Notification')
    assert.equal(JSON.parse(alarm.notification.Message).NewStateReason, StateReason)
    assert.match(text.stdout, /to see who is told/)
    assert.equal(misused.code, 1)
    assert.match(misused.stderr, /--since is "lately"[\s\S]*Fix: .*--since 10m/)
  })

  test('answers the AWS CLI', { skip: installed('aws') }, async () => {
    const settings = client()
    const { stdout } = await run(
      'aws',
      ['ecs', 'describe-services', '--cluster', clusterName(scope), '--services', 'user', '--output', 'json'],
      {
        env: {
          ...process.env,
          AWS_ENDPOINT_URL: settings.endpoint,
          AWS_REGION: settings.region,
          AWS_DEFAULT_REGION: settings.region,
          AWS_ACCESS_KEY_ID: settings.credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: settings.credentials.secretAccessKey,
          AWS_CONFIG_FILE: '/dev/null',
          AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        },
      },
    )
    assert.equal(JSON.parse(stdout).services[0].runningCount, 1)
  })

  test('serves site and API over HTTPS, by the real host name and a certificate of its own authority', async () => {
    const page = await visit('/')
    assert.equal(page.status, 200)
    assert.match(page.body, /<meta name="app-version" content="v1"/)
    const health = await visit('/api/health')
    assert.equal(health.status, 200)
    assert.equal(health.headers['x-app-version'], 'v1')
    assert.equal((await visit('/api/accounts', 'app-user.keencho.com')).status, 200)
    await assert.rejects(visit('/', 'app-admin.example.org'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })

  test('answers for its names', async () => {
    const resolver = new Resolver()
    resolver.setServers([region.endpoints.dns])
    for (const host of [adminHost, 'app-user.keencho.com', 'app-resources.keencho.com']) {
      const addresses = await resolver.resolve4(host)
      assert.ok(addresses.length > 0 && addresses.every((address) => address.startsWith('127.')), host)
    }
    await assert.rejects(resolver.resolve4('nobody.keencho.com'), { code: 'ENOTFOUND' })
  })

  test('shows accounts to a browser, adds one and deletes one', { skip: noBrowser() }, async () => {
    const { port } = new URL(region.endpoints.http)
    const browser = await openBrowser()
    try {
      const page = await browser.newPage({ viewport: { width: 1100, height: 800 } })
      page.setDefaultTimeout(10_000)
      const failures: string[] = []
      page.on('pageerror', (error) => failures.push(error.message))
      await page.goto(`http://${adminHost}.localhost:${port}/`)
      const add = async (loginId: string, name: string) => {
        await page.getByRole('button', { name: 'Add account' }).click()
        await page.getByLabel('Login id').fill(loginId)
        await page.getByLabel('Name').fill(name)
        await page.getByLabel('Password').fill('correct horse')
        await page.getByRole('button', { name: 'Add', exact: true }).click()
        await page.getByRole('cell', { name: loginId }).waitFor()
      }
      await add('first.visitor', 'First Visitor')
      await add('second.visitor', 'Second Visitor')
      await page.screenshot({ path: join(process.env.BATON_SCREENSHOTS ?? workspace.root, 'accounts.png') })
      const row = page.getByRole('row', { name: /second\.visitor/ })
      await row.getByRole('button', { name: /^Delete/ }).click()
      await row.getByRole('button', { name: /for good/ }).click()
      await row.waitFor({ state: 'detached' })
      assert.equal(await page.getByRole('cell', { name: 'first.visitor' }).count(), 1)
      await page.getByRole('link', { name: 'Release' }).click()
      await page.reload()
      await page.getByText('v1').first().waitFor()
      assert.deepEqual(failures, [])
    } finally {
      await browser.close()
    }
  })

  test('takes an account that is kept', async () => {
    const { port } = new URL(region.endpoints.http)
    const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
    assert.notEqual(response?.status, 200, 'a request that names no host of the platform gets no page')
    const created = await post('/api/accounts', {
      loginId: 'kept.account',
      password: 'correct horse',
      name: 'Kept',
    })
    assert.equal(created.status, 201, created.body)
    assert.match((await visit('/api/accounts?limit=20')).body, /kept\.account/)
  })

  test('releases a new version of a site', async () => {
    const deploy = await baton('--json', 'deploy', 'site/admin', '--version', 'v2')
    assert.equal(deploy.code, 0, deploy.stderr)
    const release = JSON.parse(deploy.stdout)
    assert.deepEqual([release.kind, release.target, release.from, release.to], ['site', 'admin', 'v1', 'v2'])
    // The edges learn of the switch a moment later, as on AWS.
    await eventually(async () =>
      assert.match((await visit('/')).body, /<meta name="app-version" content="v2"/),
    )
  })

  test('releases a new version of a service', async () => {
    const deploy = await baton('deploy', 'service/user', '--version', 'v2')
    assert.equal(deploy.code, 0, deploy.stderr)
    assert.match(deploy.stdout, /user v2 serves/)
    assert.match(deploy.stderr, /AllowTraffic/)
    assert.equal((await visit('/api/health', 'app-user.keencho.com')).headers['x-app-version'], 'v2')
    assert.deepEqual(versionsOf(await status()), {
      services: { admin: 'v1', user: 'v2' },
      sites: { admin: 'v2', user: 'v1' },
    })
  })

  for (const { what, args, says } of [
    {
      what: 'a target that is not there',
      args: ['service/nobody', '--version', 'v3'],
      says: /service\/user/,
    },
    { what: 'a target of no kind', args: ['admin', '--version', 'v3'], says: /no target "admin"/ },
    {
      what: 'a version that is no name',
      args: ['site/user', '--version', '../v3'],
      says: /version is "\.\.\/v3"/,
    },
    { what: 'no version', args: ['site/user'], says: /--version/ },
  ]) {
    test(`refuses to release ${what}`, async () => {
      const deploy = await baton('deploy', ...args)
      assert.equal(deploy.code, 1, deploy.stderr)
      assert.match(deploy.stderr, says)
      assert.doesNotMatch(deploy.stderr, /^\s+at /m)
    })
  }

  test('rolls back a deployment that is interrupted', async () => {
    const deploy = workspace.start('--config', config, 'deploy', 'service/admin', '--version', 'v3')
    await deploy.shows(/… admin: AllowTraffic/)
    deploy.interrupt()
    const ended = await deploy.ended
    assert.equal(ended.code, 130, ended.stderr)
    assert.match(ended.stderr, /Interrupted/)
    assert.doesNotMatch(ended.stderr, /^\s+at /m)
    assert.equal(versionsOf(await status()).services.admin, 'v1')
    for (let n = 0; n < 20; n++) {
      const { headers } = await visit('/api/health')
      assert.equal(headers['x-app-version'], 'v1')
    }
  })

  test('is stopped, and leaves nothing running', { skip: invisible }, async () => {
    const { pid } = await status()
    const down = await baton('down')
    assert.equal(down.code, 0, down.stderr)
    assert.match(down.stdout, /has stopped/)
    assert.throws(() => process.kill(pid, 0))
    const again = await baton('status')
    assert.equal(again.code, 1)
    assert.match(again.stderr, /No region runs/)
    await workspace.nothingLeft({ stateKept: true })
  })

  test('is found again as it was left, and stops at Ctrl-C', async () => {
    const up = workspace.start('--config', config, 'up', ...anyPorts)
    await up.shows(/Serving\. Ctrl-C stops it\./)
    const now = await status()
    region = now
    assert.deepEqual(versionsOf(now), {
      services: { admin: 'v1', user: 'v2' },
      sites: { admin: 'v2', user: 'v1' },
    })
    assert.match((await visit('/api/accounts?limit=20')).body, /kept\.account/)
    assert.match((await visit('/')).body, /<meta name="app-version" content="v2"/)
    up.interrupt()
    const { code, stdout, stderr } = await up.ended
    assert.equal(code, 0, stderr)
    assert.match(stdout, /http:\/\/app-admin\.keencho\.com\.localhost:\d+/)
    assert.match(stderr, /Stopping\./)
    assert.doesNotMatch(stderr, /deploy|migration: run|upload/, 'nothing was released anew')
    await workspace.nothingLeft({ stateKept: true })
  })

  test('started with another configuration, it tells what was changed in place, what was made anew, and why', async () => {
    workspace.configure((input) => ({
      ...input,
      services: {
        ...input.services,
        admin: { ...input.services.admin, memoryMiB: 2048, healthCheck: { gracePeriodSeconds: 90 } },
      },
    }))
    const up = await baton('--json', 'up', '--detach', ...anyPorts)
    assert.equal(up.code, 0, up.stderr)
    const { stacks } = JSON.parse(up.stdout)
    assert.deepEqual(
      stacks.map((stack: { name: string }) => stack.name),
      ['bootstrap', 'platform'],
    )
    assert.deepEqual(stacks[0].changes, [])
    assert.deepEqual(
      stacks[1].changes.toSorted((a: { action: string }, b: { action: string }) =>
        a.action < b.action ? -1 : 1,
      ),
      [
        {
          address: 'aws_ecs_task_definition.admin',
          action: 'replace',
          changed: ['memory'],
          forcedBy: ['memory'],
          reason: 'memory forces replacement',
        },
        {
          address: 'aws_ecs_service.admin',
          action: 'update',
          changed: ['health_check_grace_period_seconds'],
        },
      ],
    )
  })

  test('is destroyed, and leaves nothing at all', { skip: invisible }, async () => {
    const down = await baton('--json', 'down', '--destroy')
    assert.deepEqual(JSON.parse(down.stdout), { stopped: true, ended: 0, destroyed: true })
    assert.equal(existsSync(join(workspace.stateDir, 'region')), false)
    await workspace.nothingLeft()
  })
})

function post(path: string, body: unknown): Promise<Answer> {
  const { port } = new URL(region.endpoints.http)
  const text = JSON.stringify(body)
  const headers = {
    host: `${adminHost}.localhost:${port}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  }
  return answer((done) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method: 'POST', headers, agent: false },
      done,
    )
    request.end(text)
    return request
  })
}

function installed(program: string): false | string {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return false
  } catch {
    return `${program} is not installed`
  }
}

function noBrowser(): false | string {
  return findBrowser() === undefined ? 'no Chromium is installed: pages were not tested' : false
}
