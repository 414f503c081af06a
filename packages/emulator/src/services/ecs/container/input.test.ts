import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type * as sdk from '@aws-sdk/client-ecs'
import { script } from '../test-kit/images.test-kit.ts'
import { LOGS, register, type TestEmulator, testEmulator } from '../test-kit/service.test-kit.ts'
import { runToEnd } from '../test-kit/tasks.test-kit.ts'

const SECRET = 'arn:aws:secretsmanager:ap-northeast-2:000000000000:secret:db-AbCdEf'

describe('the inputs of a container at the start of its task', { concurrency: true }, () => {
  let here: TestEmulator
  let prints: string
  before(async () => {
    here = await testEmulator()
    prints = await script(here, 'prints', 'console.log(JSON.stringify(process.env))')
  })
  after(() => here[Symbol.asyncDispose]())

  /** The environment of a container of this definition. */
  async function environment(family: string, more: Partial<sdk.ContainerDefinition>) {
    const task = await runToEnd(
      here,
      await register(here.client, prints, { name: family, logConfiguration: LOGS, ...more }, { family }),
    )
    const line = here.logs.find((logged) => logged.startsWith(`app/${family}/<task> {`))
    assert.ok(line, task.stoppedReason)
    return JSON.parse(line.slice(line.indexOf('{'))) as Record<string, string>
  }
  const failure = async (family: string, more: Partial<sdk.ContainerDefinition>) => {
    const task = await runToEnd(here, await register(here.client, prints, more, { family }))
    assert.equal(task.stopCode, 'TaskFailedToStart')
    assert.equal(task.startedAt, undefined)
    return task.stoppedReason ?? ''
  }

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
  test('a container gets a whole secret, one key of it, and another stage or version', async () => {
    const env = await environment('secrets', {
      secrets: [
        { name: 'WHOLE', valueFrom: SECRET },
        { name: 'KEY', valueFrom: `${SECRET}:password::` },
        { name: 'PREVIOUS', valueFrom: `${SECRET}:password:AWSPREVIOUS:` },
        { name: 'VERSION', valueFrom: `${SECRET}:::version-1` },
      ],
    })
    assert.equal(env.WHOLE, '{"username":"app","password":"s3cret"}')
    assert.equal(env.KEY, 's3cret')
    assert.equal(env.PREVIOUS, 'older')
    assert.equal(env.VERSION, 'the whole first version')
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-ssm-paramstore.html
  test('a container gets a parameter of the Parameter Store', async () => {
    const env = await environment('parameters', { secrets: [{ name: 'KEY', valueFrom: '/app/key' }] })
    assert.equal(env.KEY, 'from-ssm')
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
  test('a container gets variables of environment files in S3; the first file overrides the second, and the definition both', async () => {
    const env = await environment('files', {
      environmentFiles: [
        { type: 's3', value: 'arn:aws:s3:::files/one.env' },
        { type: 's3', value: 'arn:aws:s3:::files/two.env' },
      ],
      environment: [{ name: 'OVERRIDDEN', value: 'by the definition' }],
    })
    assert.equal(env.FROM_FILE, 'one')
    assert.equal(env.QUOTED, '"kept"')
    assert.equal(env.SECOND, '2')
    assert.equal(env.OVERRIDDEN, 'by the definition')
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
  test('a missing environment file stops the task with ResourceInitializationError', async () => {
    const environmentFiles = [{ type: 's3' as const, value: 'arn:aws:s3:::files/none.env' }]
    assert.match(
      await failure('no-file', { environmentFiles }),
      /^ResourceInitializationError: failed to download env files/,
    )
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
  test('a missing secret, key or version stops the task with ResourceInitializationError', async () => {
    const reasonFor = (family: string, valueFrom: string) =>
      failure(family, { secrets: [{ name: 'X', valueFrom }] })
    const [none, key, version] = await Promise.all([
      reasonFor('no-secret', SECRET.replace('db', 'none')),
      reasonFor('no-key', `${SECRET}:nothing::`),
      reasonFor('no-version', `${SECRET}::AWSPENDING:`),
    ])
    assert.match(
      none,
      /^ResourceInitializationError: unable to pull secrets .* can't find the specified secret\.$/,
    )
    assert.match(key, /did not contain json key nothing$/)
    assert.match(version, /value for staging label: AWSPENDING\.$/)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
  test('a file system that cannot be mounted stops the task with ResourceInitializationError', async () => {
    const task = await runToEnd(
      here,
      await register(
        here.client,
        prints,
        { mountPoints: [{ sourceVolume: 'shared', containerPath: '/shared' }] },
        {
          family: 'no-efs',
          volumes: [{ name: 'shared', efsVolumeConfiguration: { fileSystemId: 'fs-none' } }],
        },
      ),
    )
    assert.match(
      task.stoppedReason ?? '',
      /^ResourceInitializationError: failed to invoke EFS utils commands/,
    )
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
  test('tasks see the same files at the mount point of an access point', async () => {
    const volumes = [
      {
        name: 'shared',
        efsVolumeConfiguration: {
          fileSystemId: 'fs-1',
          transitEncryption: 'ENABLED' as const,
          authorizationConfig: { accessPointId: 'fsap-1' },
        },
      },
    ]
    const mounted = {
      mountPoints: [{ sourceVolume: 'shared', containerPath: '/shared' }],
      environment: [{ name: 'SHARED', value: '/shared/note' }],
    }
    const writes = "import { writeFileSync } from 'node:fs'; writeFileSync(process.env.SHARED, 'kept')"
    const reads =
      "import { readFileSync } from 'node:fs'; console.log(readFileSync(process.env.SHARED, 'utf8'))"
    for (const [name, code] of [
      ['efs-writes', writes],
      ['efs-reads', reads],
    ] as const) {
      const image = await script(here, name, code)
      const task = await runToEnd(
        here,
        await register(here.client, image, { name, ...mounted }, { family: name, volumes }),
      )
      assert.equal(task.containers?.[0]?.exitCode, 0)
    }
    assert.ok(here.logs.includes('app/efs-reads/<task> kept'))
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
  test('the output of a container goes to its log stream, up to the last line before its exit', async () => {
    const image = await script(
      here,
      'talks',
      `for (let line = 0; line < 2000; line++) console.log('out ' + line)
       console.error('error'); process.stdout.write('no end of line'); process.exitCode = 4`,
    )
    const task = await runToEnd(
      here,
      await register(here.client, image, { name: 'talks' }, { family: 'talks' }),
    )
    assert.equal(task.containers?.[0]?.exitCode, 4)
    const lines = here.logs.filter((line) => line.startsWith('app/talks/<task> '))
    assert.equal(lines.filter((line) => / out \d+$/.test(line)).length, 2000)
    assert.ok(lines.includes('app/talks/<task> error'))
    assert.ok(lines.includes('app/talks/<task> no end of line'))
  })
})
