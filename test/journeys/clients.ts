/** Everyone who asks the platform: AWS clients, browsers, resolvers. Their part of up.test.ts. */
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch'
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs'
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { alarmName, bucketName, clusterName, targetGroupName } from '../../packages/config/src/index.ts'
import { findBrowser, openBrowser } from './browser.ts'
import { adminHost, type Day, scope, userHost } from './day.ts'

const run = promisify(execFile)

export function testClients(day: Day): void {
  test('answers the AWS SDK', async () => {
    const settings = day.clientSettings()
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

  test('shows what an alarm published, as its subscribers would have got it', async () => {
    const cloudWatch = new CloudWatchClient(day.clientSettings())
    const AlarmName = alarmName(scope, 'database-cpu')
    const StateReason = 'to see who is notified'
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason }))
    cloudWatch.destroy()
    const notices = ['notices', '--since', '5m']
    const [json, text, misused] = await Promise.all([
      day.baton('--json', ...notices),
      day.baton(...notices),
      day.baton('notices', '--since', 'lately'),
    ])
    const { notices: published } = JSON.parse(json.stdout)
    const alarm = published.find(({ notification }: { notification: { Subject?: string } }) =>
      notification.Subject?.startsWith(`ALARM: "${AlarmName}"`),
    )
    assert.equal(alarm?.notification.Type, 'Notification')
    assert.equal(JSON.parse(alarm.notification.Message).NewStateReason, StateReason)
    assert.match(text.stdout, /to see who is notified/)
    assert.equal(misused.code, 1)
    assert.match(misused.stderr, /--since is "lately"[\s\S]*Fix: .*--since 10m/)
  })

  test('answers the AWS CLI', { skip: installed('aws') }, async () => {
    const settings = day.clientSettings()
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
    const page = await day.visit('/')
    assert.equal(page.status, 200)
    assert.match(page.body, /<meta name="app-version" content="v1"/)
    const health = await day.visit('/api/health')
    assert.equal(health.status, 200)
    assert.equal(health.headers['x-app-version'], 'v1')
    assert.equal((await day.visit('/api/accounts', userHost)).status, 200)
    await assert.rejects(day.visit('/', 'app-admin.example.org'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })

  test('answers for its names', async () => {
    const resolver = new Resolver()
    resolver.setServers([day.emulator.endpoints.dns])
    for (const host of [adminHost, userHost, 'app-resources.keencho.com']) {
      const addresses = await resolver.resolve4(host)
      assert.ok(addresses.length > 0 && addresses.every((address) => address.startsWith('127.')), host)
    }
    await assert.rejects(resolver.resolve4('missing.keencho.com'), { code: 'ENOTFOUND' })
  })

  test('shows accounts to a browser, adds one and deletes one', { skip: noBrowser() }, async () => {
    const { port } = new URL(day.emulator.endpoints.http)
    const browser = await openBrowser()
    try {
      const page = await browser.newPage({ viewport: { width: 1100, height: 800 } })
      page.setDefaultTimeout(60_000)
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
      await page.screenshot({
        path: join(process.env.BATON_SCREENSHOTS ?? day.workspace.root, 'accounts.png'),
      })
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
