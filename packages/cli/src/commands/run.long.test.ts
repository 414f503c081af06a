/**
 * Workers and jobs on an emulator, from the manifests on: a rolling update that succeeds, one that fails and is rolled back,
 * and a job that is released, paused, and run by hand.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs'
import { GetScheduleCommand } from '@aws-sdk/client-scheduler'
import { type JobManifest, manifestParameter, type ServiceManifest } from '@baton/config'
import { type Emulator, startEmulator } from '@baton/emulator/client'
import { imageFromFolder } from '@baton/image'
import {
  type Clients,
  createClients,
  describeOutcome,
  pushJobImage,
  pushServiceImage,
  releaseJob,
  releaseRecords,
  releaseService,
  rollBack,
  runJob,
  scaledClock,
  withJobsPaused,
} from '@baton/release'

const platform = 'shop-test'
const speed = 60
const region = 'ap-northeast-2'
const subnets = ['subnet-1']

const workerManifest: ServiceManifest = {
  cluster: platform,
  service: 'mailer',
  templateFamily: `${platform}-mailer-template`,
  family: `${platform}-mailer`,
  containerName: 'mailer',
  containerPort: 0,
  repository: `${platform}/mailer`,
  images: { mailer: `${platform}/mailer` },
  controller: 'ECS',
  codedeployApplication: '',
  codedeployDeploymentGroup: '',
  desiredCount: 2,
  scalableTarget: `service/${platform}/mailer`,
  giveUpAfterMinutes: 10,
}
const jobManifest: JobManifest = {
  cluster: platform,
  templateFamily: `${platform}-nightly-template`,
  family: `${platform}-nightly`,
  containerName: 'nightly',
  repository: `${platform}/job-nightly`,
  schedule: 'nightly',
  scheduleGroup: platform,
  timeoutMinutes: 5,
  overlap: false,
  subnets,
  securityGroups: [],
  assignPublicIp: false,
}

const trusting = (service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  })

const template = (name: string) => ({
  family: `${platform}-${name}-template`,
  requires_compatibilities: ['FARGATE'],
  network_mode: 'awsvpc',
  cpu: '256',
  memory: '512',
  execution_role_arn: '${aws_iam_role.execution.arn}',
  container_definitions: JSON.stringify([
    {
      name,
      image: 'none:template',
      essential: true,
      logConfiguration: {
        logDriver: 'awslogs',
        options: { 'awslogs-group': '/shop', 'awslogs-region': region, 'awslogs-stream-prefix': name },
      },
    },
  ]),
})

/** What Terraform would leave. */
const resources = {
  aws_iam_role: {
    execution: { name: 'execution', assume_role_policy: trusting('ecs-tasks.amazonaws.com') },
    scheduler: { name: 'scheduler', assume_role_policy: trusting('scheduler.amazonaws.com') },
  },
  aws_cloudwatch_log_group: { shop: { name: '/shop' } },
  aws_ecs_cluster: { main: { name: platform } },
  aws_ecr_repository: {
    mailer: { name: workerManifest.repository },
    nightly: { name: jobManifest.repository },
  },
  aws_ecs_task_definition: { mailer: template('mailer'), nightly: template('nightly') },
  aws_ecs_service: {
    mailer: {
      name: 'mailer',
      cluster: '${aws_ecs_cluster.main.arn}',
      task_definition: '${aws_ecs_task_definition.mailer.arn}',
      desired_count: 0,
      launch_type: 'FARGATE',
      network_configuration: { subnets },
      deployment_circuit_breaker: { enable: true, rollback: true },
      lifecycle: { ignore_changes: ['task_definition', 'desired_count'] },
    },
  },
  aws_scheduler_schedule_group: { jobs: { name: platform } },
  aws_scheduler_schedule: {
    nightly: {
      name: 'nightly',
      group_name: '${aws_scheduler_schedule_group.jobs.name}',
      schedule_expression: 'cron(0 3 * * ? 2199)',
      state: 'DISABLED',
      flexible_time_window: { mode: 'OFF' },
      target: {
        arn: '${aws_ecs_cluster.main.arn}',
        role_arn: '${aws_iam_role.scheduler.arn}',
        ecs_parameters: {
          task_definition_arn: '${aws_ecs_task_definition.nightly.arn}',
          launch_type: 'FARGATE',
          network_configuration: { subnets },
        },
      },
    },
  },
  aws_ssm_parameter: {
    mailer: {
      name: manifestParameter(platform, 'services', 'mailer'),
      type: 'String',
      value: JSON.stringify(workerManifest),
    },
    nightly: {
      name: manifestParameter(platform, 'jobs', 'nightly'),
      type: 'String',
      value: JSON.stringify(jobManifest),
    },
  },
}

const SERVES =
  "console.log('works'); process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)"

describe('workers and jobs', () => {
  const dir = mkdtempSync(join(tmpdir(), 'baton-jobs-'))
  const clock = scaledClock(speed)
  let emulator: Emulator
  let clients: Clients

  before(async () => {
    emulator = await startEmulator({ stateDir: join(dir, 'state', 'emulator'), awsRegion: region, speed })
    clients = createClients(emulator.clientSettings())
    mkdirSync(join(dir, 'terraform'))
    writeFileSync(join(dir, 'terraform', 'cdk.tf.json'), JSON.stringify({ resource: resources }))
    await emulator.apply(join(dir, 'terraform'), { stack: 'platform' })
  })
  after(async () => {
    clients.close()
    await emulator.stop()
    rmSync(dir, { recursive: true })
  })

  async function image(name: string, code: string) {
    const folder = join(dir, name)
    mkdirSync(folder)
    writeFileSync(join(folder, 'main.mjs'), code)
    return imageFromFolder({
      folder,
      command: ['node', 'main.mjs'],
      architecture: 'amd64',
      cacheDir: join(dir, 'cache'),
    })
  }
  async function releaseWorker(version: string, code: string, signal?: AbortSignal) {
    const built = await image(`mailer-${version}`, code)
    const reference = await pushServiceImage(clients, { platform, service: 'mailer', image: built, version })
    const request = { platform, service: 'mailer', image: reference, version, ...(signal ? { signal } : {}) }
    return releaseService(clients, request, clock)
  }
  async function release(version: string, code: string) {
    const built = await image(`nightly-${version}`, code)
    const reference = await pushJobImage(clients, { platform, job: 'nightly', image: built, version })
    return releaseJob(clients, { platform, job: 'nightly', image: reference, version })
  }
  const schedule = () =>
    clients.scheduler.send(new GetScheduleCommand({ Name: 'nightly', GroupName: platform }))
  async function imageOf(taskDefinition: string | undefined): Promise<string> {
    const { taskDefinition: found } = await clients.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition }),
    )
    return found?.containerDefinitions?.[0]?.image ?? ''
  }
  const states = async (target: 'service/mailer' | 'job/nightly') =>
    (await releaseRecords(clients, platform, target)).map(({ version, state }) => `${version} ${state}`)

  test('a first release that fails leaves no tasks, and the next one is the first again', async () => {
    const failed = await releaseWorker('v0', 'process.exit(1)')
    assert.equal(failed.succeeded, false)
    assert.equal(failed.first, true)
    assert.equal(failed.deployment.rolledBack, false)
    assert.match(describeOutcome(failed.deployment), /mailer exited with code 1/)
    const next = await releaseWorker('v1', SERVES)
    assert.deepEqual([next.succeeded, next.first], [true, true], describeOutcome(next.deployment))
    assert.deepEqual(await states('service/mailer'), ['v1 succeeded', 'v0 failed'])
  })

  test('a worker is released by a rolling update, and one that fails is rolled back', async () => {
    const second = await releaseWorker('v2', SERVES)
    assert.deepEqual([second.succeeded, second.first, second.from], [true, false, 'v1'])
    assert.deepEqual(
      second.deployment.steps.map(({ name, status }) => `${name} ${status}`),
      ['RollingUpdate Succeeded'],
    )
    const bad = await releaseWorker('v3', 'setTimeout(() => process.exit(1), 500)')
    assert.equal(bad.succeeded, false)
    // Which of the two is seen first depends on how busy the machine is.
    assert.match(
      describeOutcome(bad.deployment),
      /(exited with code 1|did not become healthy in time); rolled back/,
    )
    assert.deepEqual(
      bad.deployment.steps.map(({ name, status }) => `${name} ${status}`),
      ['RollingUpdate Failed', 'Rollback Succeeded'],
    )
    assert.deepEqual((await states('service/mailer')).slice(0, 2), ['v3 rolled-back', 'v2 succeeded'])
    const back = await rollBack(clients, { platform, target: 'service/mailer' }, clock)
    assert.deepEqual([back.to, back.succeeded], ['v1', true])
  })

  test('an update that is interrupted is rolled back', async () => {
    const interrupted = await releaseWorker('v4', SERVES, AbortSignal.timeout(3_000))
    assert.equal(interrupted.deployment.stopped, 'interrupted')
    assert.equal(interrupted.deployment.rolledBack, true)
  })

  test('a job is not run before its first release', async () => {
    await assert.rejects(runJob(clients, { platform, job: 'nightly' }, clock), { code: 'release-missing' })
  })

  test('the release of a job switches its schedule, and the first one enables it', async () => {
    const first = await release('v1', "console.log('one'); console.log('two')")
    assert.deepEqual([first.first, first.enabled, first.from], [true, true, undefined])
    const { State, Target } = await schedule()
    assert.equal(State, 'ENABLED')
    assert.equal(Target?.EcsParameters?.TaskDefinitionArn, first.taskDefinition)
    assert.equal(Target?.EcsParameters?.LaunchType, 'FARGATE')
    assert.deepEqual(await states('job/nightly'), ['v1 succeeded'])
  })

  test('a job runs once by hand, with its log and its exit status', async () => {
    const lines: string[] = []
    const run = await runJob(clients, { platform, job: 'nightly', onLine: (line) => lines.push(line) }, clock)
    assert.deepEqual([run.succeeded, run.exitCode, run.version], [true, 0, 'v1'], run.reason)
    assert.deepEqual(lines, ['one', 'two'])
    const again = await release('v2', "console.error('broken'); process.exit(9)")
    assert.deepEqual([again.first, again.from], [false, 'v1'])
    const bad = await runJob(clients, { platform, job: 'nightly' }, clock)
    assert.deepEqual([bad.succeeded, bad.exitCode], [false, 9])
  })

  test('an interrupted run stops its task', async () => {
    await release('v3', "setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit(0))")
    const stopped = new AbortController()
    const reason = new Error('enough')
    const running = runJob(
      clients,
      { platform, job: 'nightly', signal: stopped.signal },
      clock,
      ({ state }) => {
        if (state === 'finished') setTimeout(() => stopped.abort(reason), 500)
      },
    )
    await assert.rejects(running, reason)
  })

  test('schedules are paused while a migration runs, and resumed however it ends', async () => {
    const during = await withJobsPaused(clients, platform, schedule)
    assert.equal(during.State, 'DISABLED')
    assert.match(during.Description ?? '', /Paused by baton/)
    const failure = new Error('the migration failed')
    await assert.rejects(
      withJobsPaused(clients, platform, () => Promise.reject(failure)),
      failure,
    )
    const after = await schedule()
    assert.deepEqual([after.State, after.Description], ['ENABLED', undefined])
  })

  test('`baton run` ends with the exit status of the task', async () => {
    await release('v4', "console.log('from the task'); process.exit(4)")
    const fourth = await imageOf((await schedule()).Target?.EcsParameters?.TaskDefinitionArn)
    mkdirSync(join(dir, 'source'))
    mkdirSync(join(dir, 'source', 'src'))
    writeFileSync(join(dir, 'source', 'src', 'main.ts'), '')
    writeFileSync(join(dir, 'source', 'package.json'), '{}')
    const job = { service: 'mailer', command: ['node', 'server.js'], schedule: 'rate(1 day)' }
    const described = {
      project: 'shop',
      environment: 'test',
      region,
      domain: 'example.com',
      sites: {},
      services: { mailer: { source: join(dir, 'source'), worker: true } },
      jobs: { nightly: job },
    }
    writeFileSync(join(dir, 'baton.config.mjs'), `export default ${JSON.stringify(described)}`)
    const program = resolve(import.meta.dirname, '../main.ts')
    const run = (...words: string[]) =>
      new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
        const options = ['--config', join(dir, 'baton.config.mjs'), '--state-dir', join(dir, 'state')]
        execFile(process.execPath, [program, ...options, ...words], (error, stdout, stderr) =>
          done({ code: Number(error?.code ?? 0), stdout, stderr }),
        )
      })
    const unknown = await run('run', 'weekly')
    assert.equal(unknown.code, 1)
    assert.match(unknown.stderr, /There is no job "weekly"[\s\S]*nightly/)
    // The job has no image of its own: it is released with what its service runs.
    const deployed = await run('deploy', 'job/nightly', '--version', 'v5')
    assert.match(deployed.stdout, /job\/nightly v5 runs by its schedule: rate\(1 day\)/, deployed.stderr)
    const { Target } = await schedule()
    assert.match(Target?.EcsParameters?.TaskDefinitionArn ?? '', /nightly:\d+$/)
    await releaseJob(clients, { platform, job: 'nightly', image: fourth, version: 'v6' })
    const ran = await run('run', 'nightly')
    assert.equal(ran.code, 4, ran.stderr)
    assert.match(ran.stderr, /^from the task$/m)
    assert.match(ran.stdout, /job\/nightly v6 ended with exit status 4/)
  })
})
