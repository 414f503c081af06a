import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, beforeEach, describe, test } from 'node:test'
import type { MigrationManifest, ServiceManifest, SiteManifest } from '@baton/config'
import type { Image } from '@baton/image'
import { pushToRepository } from './image-push.ts'
import { migrate } from './migration.ts'
import { pace } from './pace.ts'
import { ReleaseError } from './release-error.ts'
import { rollOut } from './roll-out.ts'
import { Fault, type StubAws, startStubAws } from './stub-aws.test-kit.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-roll-out-'))
writeFileSync(join(folder, 'index.html'), '<html></html>')
after(() => rmSync(folder, { recursive: true }))

const platform = 'keencho-production'
const noTime = pace(10_000)

const manifests: Readonly<Record<string, ServiceManifest | SiteManifest | MigrationManifest>> = {
  [`/baton/${platform}/services/admin`]: {
    cluster: platform,
    service: 'admin',
    templateFamily: `${platform}-admin-template`,
    family: `${platform}-admin`,
    containerName: 'app',
    containerPort: 8080,
    repository: `${platform}/admin`,
    codedeployApplication: platform,
    codedeployDeploymentGroup: 'admin',
    desiredCount: 1,
    scalableTarget: `service/${platform}/admin`,
    giveUpAfterMinutes: 10,
  },
  [`/baton/${platform}/sites/admin`]: {
    bucket: 'sites',
    prefix: 'admin/',
    keyValueStoreArn: 'arn:aws:cloudfront::000000000000:key-value-store/11111111-2222-3333-4444-555555555555',
    pointerKey: 'app-admin.keencho.com',
    host: 'app-admin.keencho.com',
  },
  [`/baton/${platform}/migration`]: {
    cluster: platform,
    templateFamily: `${platform}-migration-template`,
    family: `${platform}-migration`,
    containerName: 'migrate',
    repository: `${platform}/migrations`,
    subnets: ['subnet-1', 'subnet-2'],
    securityGroups: ['sg-1'],
    assignPublicIp: false,
  },
}

const image = (digest: string): Image => ({
  digest,
  manifest: {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: 'sha256:config', size: 2 },
    layers: [],
  },
  config: { architecture: 'arm64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } },
  blobs: {},
  layout: '',
})

let aws: StubAws
/** Version of the service that runs; none before the first release. */
let running: string | undefined
/** Whether the platform has been applied: manifests are there from then on. */
let applied: boolean
/** Digest behind each tag. */
let tags: Map<string, string>

beforeEach(async () => {
  running = undefined
  applied = false
  tags = new Map()
  aws = await startStubAws({
    GetParameter: ({ Name }) => {
      if (!applied) throw new Fault('ParameterNotFound', `no ${Name}`)
      return { Parameter: { Value: JSON.stringify(manifests[String(Name)]) } }
    },
    DescribeRepositories: ({ repositoryNames }) => ({
      repositories: [{ repositoryUri: `registry.example/${String(repositoryNames)}` }],
    }),
    DescribeImages: ({ repositoryName, imageIds }) => {
      const [{ imageTag }] = imageIds as [{ imageTag: string }]
      const imageDigest = tags.get(`${repositoryName}:${imageTag}`)
      if (imageDigest === undefined) throw new Fault('ImageNotFoundException', 'no such image')
      return { imageDetails: [{ imageDigest }] }
    },
    DescribeServices: () => ({
      services: [
        {
          status: 'ACTIVE',
          desiredCount: running === undefined ? 0 : 1,
          taskSets: [
            {
              status: 'PRIMARY',
              taskDefinition: 'running',
              runningCount: running === undefined ? 0 : 1,
              stabilityStatus: 'STEADY_STATE',
            },
          ],
        },
      ],
    }),
    DescribeTaskDefinition: () => ({
      taskDefinition: { containerDefinitions: [{ name: 'app' }, { name: 'migrate' }] },
      tags: running === undefined ? [] : [{ key: 'baton:version', value: running }],
    }),
    RegisterTaskDefinition: () => ({ taskDefinition: { taskDefinitionArn: 'revision', revision: 1 } }),
    RunTask: () => ({ tasks: [{ taskArn: 'arn:aws:ecs:::task/cluster/1234' }] }),
    DescribeTasks: () => ({
      tasks: [{ lastStatus: 'STOPPED', containers: [{ name: 'migrate', exitCode: 0 }] }],
    }),
    DescribeScalableTargets: () => ({ ScalableTargets: [] }),
    CreateDeployment: () => ({ deploymentId: 'd-1' }),
    GetDeployment: () => ({ deploymentInfo: { status: 'Succeeded' } }),
    ListDeploymentTargets: () => ({ targetIds: [] }),
    UpdateService: () => {
      running = 'v1'
      return {}
    },
  })
  aws.keys.set('app-admin.keencho.com', 'none')
  tags.set(`${platform}/migrations:v1`, 'sha256:migrations')
  tags.set(`${platform}/admin:v1`, 'sha256:admin')
})
afterEach(() => aws.close())

function run(digest = 'sha256:admin', signal?: AbortSignal) {
  return rollOut(
    aws.clients,
    {
      platform,
      version: 'v1',
      async apply(stack) {
        applied ||= stack === 'platform'
      },
      migration: image('sha256:migrations'),
      repositories: { migration: `${platform}/migrations`, services: { admin: `${platform}/admin` } },
      services: { admin: image(digest) },
      sites: { admin: folder },
      ...(signal ? { signal } : {}),
    },
    noTime,
  )
}

const refuses =
  (code: string, message: RegExp, fix = /./) =>
  (error: unknown) => {
    assert.ok(error instanceof ReleaseError, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, message)
    assert.match(error.fix, fix)
    return true
  }

describe('a roll-out', () => {
  test('migrates, releases every service and then every site', async () => {
    const released = await run()
    assert.deepEqual(
      released.services.map(({ target, first }) => [target, first]),
      [['admin', true]],
    )
    assert.deepEqual(
      released.sites.map(({ target, to }) => [target, to]),
      [['admin', 'v1']],
    )
    const order = aws.calls.map(({ name }) => name)
    const at = (name: string) => order.indexOf(name)
    assert.ok(at('RunTask') < at('CreateDeployment') && at('CreateDeployment') < at('UpdateKeys'))
  })

  test('releases nothing twice', async () => {
    await run()
    const before = aws.calls.length
    assert.deepEqual(await run(), { services: [], sites: [] })
    const changes = aws.calls.slice(before).map(({ name }) => name)
    for (const change of [
      'RunTask',
      'CreateDeployment',
      'RegisterTaskDefinition',
      'UpdateKeys',
      'UpdateService',
    ])
      assert.equal(changes.includes(change), false, change)
  })

  test('leaves what runs alone, though its sources have changed since', async () => {
    await run()
    assert.deepEqual(await run('sha256:changed-since'), { services: [], sites: [] })
  })

  test('goes on with what is missing: a site without a release', async () => {
    await run()
    aws.keys.set('app-admin.keencho.com', 'none')
    const { services, sites } = await run()
    assert.equal(services.length, 0)
    assert.equal(sites.length, 1)
  })

  test('releases no service after a migration that failed', async () => {
    aws.on({
      DescribeTasks: () => ({
        tasks: [{ lastStatus: 'STOPPED', containers: [{ name: 'migrate', exitCode: 1 }] }],
      }),
    })
    await assert.rejects(run(), refuses('migration-failed', /exit code 1/))
    assert.deepEqual(aws.inputsOf('CreateDeployment'), [])
    assert.equal(aws.keys.get('app-admin.keencho.com'), 'none')
  })

  test('releases no site while a service does not work', async () => {
    aws.on({ GetDeployment: () => ({ deploymentInfo: { status: 'Failed' } }) })
    await assert.rejects(run(), refuses('not-healthy', /admin did not succeed: Failed/))
    assert.equal(aws.keys.get('app-admin.keencho.com'), 'none')
  })
})

describe('a roll-out that is interrupted', () => {
  test('stops the first deployment, and gives the interruption as the reason', async () => {
    const controller = new AbortController()
    const reason = new Error('interrupted')
    let status = 'InProgress'
    aws.on({
      GetDeployment: () => {
        controller.abort(reason)
        return { deploymentInfo: { status } }
      },
      StopDeployment: () => {
        status = 'Stopped'
        return { status: 'Succeeded' }
      },
    })
    await assert.rejects(run('sha256:admin', controller.signal), reason)
    assert.equal(aws.inputsOf('StopDeployment').length, 1)
    assert.equal(aws.objects.size, 0, 'no site was released')
  })

  test('waits no longer for the first tasks', async () => {
    const controller = new AbortController()
    const reason = new Error('interrupted')
    aws.on({
      UpdateService: () => {
        controller.abort(reason)
        return {}
      },
    })
    await assert.rejects(run('sha256:admin', controller.signal), reason)
  })
})

describe('the migration', () => {
  const migration = (limits: { signal?: AbortSignal; giveUpAfterMs?: number } = {}) => {
    applied = true
    const request = { platform, image: 'registry/migrations@sha256:abc', version: 'v1', ...limits }
    return migrate(aws.clients, request, noTime)
  }
  const hanging = { tasks: [{ lastStatus: 'RUNNING', containers: [{ name: 'migrate' }] }] }
  const reasons = () => aws.inputsOf('StopTask').map(({ task, reason }) => [task, reason])

  test('is a task in the private subnets, waited for to its end', async () => {
    const looks = ['PROVISIONING', 'RUNNING', 'STOPPED']
    aws.on({
      DescribeTasks: () => ({
        tasks: [{ lastStatus: looks.shift(), containers: [{ name: 'migrate', exitCode: 0 }] }],
      }),
    })
    await migration()
    assert.equal(aws.inputsOf('DescribeTasks').length, 3)
    assert.deepEqual(aws.inputsOf('RunTask')[0]?.networkConfiguration, {
      awsvpcConfiguration: {
        subnets: ['subnet-1', 'subnet-2'],
        securityGroups: ['sg-1'],
        assignPublicIp: 'DISABLED',
      },
    })
  })

  test('is looked for again where ECS does not know its task yet, and given up where it never does', async () => {
    const stopped = { lastStatus: 'STOPPED', containers: [{ name: 'migrate', exitCode: 0 }] }
    let looks = 0
    const missing = { tasks: [], failures: [{ reason: 'MISSING' }] }
    aws.on({ DescribeTasks: () => (++looks < 3 ? missing : { tasks: [stopped] }) })
    await migration()
    assert.equal(looks, 3)
    aws.on({ DescribeTasks: () => missing })
    await assert.rejects(migration(), refuses('migration-failed', /ECS does not know its task/))
  })

  test('that cannot be watched any more is not called released', async () => {
    aws.on({
      DescribeTasks: () => {
        throw new Fault('ExpiredTokenException', 'the token has expired')
      },
    })
    await assert.rejects(migration(), refuses('migration-failed', /can no longer be watched \(ExpiredToken/))
  })

  test('is stopped when whoever asked for it is interrupted', async () => {
    const controller = new AbortController()
    const reason = new Error('interrupted')
    aws.on({
      DescribeTasks: () => {
        controller.abort(reason)
        return hanging
      },
      StopTask: () => ({}),
    })
    await assert.rejects(migration({ signal: controller.signal }), reason)
    assert.deepEqual(reasons(), [['arn:aws:ecs:::task/cluster/1234', 'baton: interrupted']])
    await assert.rejects(migration({ signal: controller.signal }), reason)
    assert.equal(aws.inputsOf('RunTask').length, 1, 'none is started once the signal has gone off')
  })

  test('that hangs is stopped after its time, and the error says where to look', async () => {
    aws.on({ DescribeTasks: () => hanging, StopTask: () => ({}) })
    await assert.rejects(
      migration({ giveUpAfterMs: 0 }),
      refuses('migration-failed', /told to stop/, /1234.*lock/),
    )
    assert.deepEqual(reasons(), [['arn:aws:ecs:::task/cluster/1234', 'baton: the migration took too long']])
  })

  test('says why ECS did not start it', async () => {
    aws.on({ RunTask: () => ({ tasks: [], failures: [{ reason: 'RESOURCE:MEMORY' }] }) })
    await assert.rejects(migration(), refuses('task-not-started', /RESOURCE:MEMORY/))
  })

  test('says that its container never ran, and why', async () => {
    aws.on({
      DescribeTasks: () => ({
        tasks: [
          {
            taskArn: 'arn:aws:ecs:::task/cluster/1234',
            lastStatus: 'STOPPED',
            stoppedReason: 'CannotPullContainerError',
            containers: [{ name: 'migrate', reason: 'CannotPullContainerError' }],
          },
        ],
      }),
    })
    await assert.rejects(migration(), (error) => {
      assert.ok(error instanceof ReleaseError)
      assert.match(error.message, /before it ran: CannotPullContainerError\.$/)
      assert.match(error.fix, /1234/, 'the fix names the log')
      return true
    })
  })
})

describe('an image', () => {
  const push = (digest: string) => pushToRepository(aws.clients, image(digest), `${platform}/admin`, 'v1')

  test('is addressed by digest, and not pushed again', async () => {
    const pushed = await push('sha256:admin')
    assert.equal(pushed.reference, `registry.example/${platform}/admin@sha256:admin`)
    assert.equal(pushed.pushedBytes, 0)
    assert.deepEqual(aws.inputsOf('GetAuthorizationToken'), [])
  })

  test('never replaces another one of the same version', async () => {
    await assert.rejects(
      push('sha256:other'),
      refuses('version-taken', /v1 .* as another image \(sha256:admin\)/),
    )
    assert.deepEqual(aws.inputsOf('GetAuthorizationToken'), [])
  })

  test('needs its repository', async () => {
    aws.on({
      DescribeRepositories: () => {
        throw new Fault('RepositoryNotFoundException', 'none')
      },
    })
    await assert.rejects(push('sha256:admin'), refuses('repository-missing', /keencho-production\/admin/))
  })
})
