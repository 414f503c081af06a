/** The AppSpec file: what it may say, what is refused, and that nothing in it does harm. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, test } from 'node:test'
import type * as sdk from '@aws-sdk/client-codedeploy'
import { appSpec, startCodedeploy } from '../test-kit/codedeploy.test-kit.ts'
import { parseAppSpec } from './app-spec.ts'

const yaml = `
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "app:2"
        LoadBalancerInfo:
          ContainerName: "web"
          ContainerPort: 8080
        PlatformVersion: "1.4.0"
        NetworkConfiguration:
          AwsvpcConfiguration:
            Subnets: ["subnet-1", "subnet-2"]
            SecurityGroups: ["sg-1"]
            AssignPublicIp: "DISABLED"
        CapacityProviderStrategy:
          - CapacityProvider: FARGATE_SPOT
            Base: 1
            Weight: 4
          - CapacityProvider: FARGATE
            Weight: 1
Hooks:
  - BeforeInstall: "early"
  - AfterAllowTraffic: "late"
`

const withProperties = (properties: object, rest: object = {}) =>
  JSON.stringify({
    version: 0.0,
    Resources: [{ TargetService: { Type: 'AWS::ECS::Service', Properties: properties } }],
    ...rest,
  })
const required = {
  TaskDefinition: 'app:2',
  LoadBalancerInfo: { ContainerName: 'web', ContainerPort: 8080 },
}
const network = (AwsvpcConfiguration: object) =>
  withProperties({ ...required, NetworkConfiguration: { AwsvpcConfiguration } })
const strategy = (...CapacityProviderStrategy: object[]) =>
  withProperties({ ...required, CapacityProviderStrategy })

describe('deployed', { concurrency: false }, () => {
  let emulator: Awaited<ReturnType<typeof startCodedeploy>>
  beforeEach(async () => {
    emulator = await startCodedeploy()
    emulator.handlers.early = emulator.handlers.late = emulator.succeed
    await emulator.group()
  })
  afterEach(() => emulator.stop())
  const inS3 = (key: string, more: Partial<sdk.S3Location> = {}): sdk.RevisionLocation => ({
    revisionType: 'S3',
    s3Location: { bucket: 'artifacts', key, bundleType: 'YAML', ...more },
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html#reference-appspec-file-structure-resources-ecs
  test('the task set gets the platform version, network and capacity providers of the AppSpec', async () => {
    await emulator.until(await emulator.deploy({}, yaml), 'Succeeded')
    assert.deepEqual(emulator.ecs.asked, [
      {
        platformVersion: '1.4.0',
        network: { subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'], assignPublicIp: 'DISABLED' },
        capacityProviderStrategy: [
          { capacityProvider: 'FARGATE_SPOT', base: 1, weight: 4 },
          { capacityProvider: 'FARGATE', base: 0, weight: 1 },
        ],
      },
    ])
  })

  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_AppSpecContent.html
  test('takes YAML or JSON inline, as content or as a string, and compares the sha256', async () => {
    const sha256 = createHash('sha256').update(yaml).digest('hex')
    const inline = (content: string, hash?: string): sdk.RevisionLocation => ({
      revisionType: 'AppSpecContent',
      appSpecContent: { content, ...(hash === undefined ? {} : { sha256: hash }) },
    })
    await assert.rejects(emulator.deploy({ revision: inline(yaml, '0'.repeat(64)) }), {
      name: 'InvalidRevisionException',
    })
    const string: sdk.RevisionLocation = { revisionType: 'String', string: { content: appSpec() } }
    for (const revision of [inline(yaml, sha256), inline(appSpec()), string])
      await emulator.until(await emulator.deploy({ revision }), 'Succeeded')
  })

  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_S3Location.html
  test('reads an object in S3, at a version and with an ETag where the revision says so', async () => {
    emulator.objects.set('artifacts/appspec.yaml', yaml)
    emulator.objects.set('artifacts/appspec.yaml?v1', appSpec())
    const eTag = createHash('md5').update(yaml).digest('hex')
    for (const more of [{}, { eTag }, { version: 'v1' }])
      await emulator.until(await emulator.deploy({ revision: inS3('appspec.yaml', more) }), 'Succeeded')
    for (const [key, more] of [
      ['none.yaml', {}],
      ['appspec.yaml', { version: 'v2' }],
      ['appspec.yaml', { eTag: 'another' }],
    ] as const) {
      const failed = await emulator.until(await emulator.deploy({ revision: inS3(key, more) }), 'Failed')
      assert.equal(failed.errorInformation?.code, 'INVALID_REVISION', key)
    }
  })
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html#reference-appspec-file-structure-resources-ecs
test('an AppSpec must say what AWS requires, in the types that AWS has, and nothing else', () => {
  const full = { Subnets: ['s'], SecurityGroups: ['g'], AssignPublicIp: 'ENABLED' }
  const refused: [content: string, why: RegExp][] = [
    ['{"version": 0.0}', /Resources/],
    ['{"version": 1, "Resources": []}', /exactly one resource/],
    ['{"version": 2.0, "Resources": []}', /version must be 0.0/],
    ['{"Resources": []}', /version must be 0.0/],
    ['{"version": 0.0, "Resources": []}', /exactly one resource/],
    ['{"version": 0.0, "Resources": {}}', /Resources must be a list/],
    [appSpec({ port: 0 }), /ContainerPort must be a port/],
    [withProperties({ ...required, TaskDefinition: 3 }), /TaskDefinition must be a string/],
    [withProperties({ TaskDefinition: 'app:2' }), /LoadBalancerInfo is required/],
    [
      withProperties({ ...required, LoadBalancerInfo: { ContainerName: 'web', ContainerPort: [80] } }),
      /port/,
    ],
    [
      withProperties({ ...required, PlatformVersions: '1.4.0' }),
      /PlatformVersions of Properties is not known/,
    ],
    [withProperties(required, { Hook: [] }), /Hook of the AppSpec file is not known/],
    [withProperties(required, { Hooks: { AfterInstall: 'x' } }), /Hooks must be a list/],
    [appSpec({ hooks: [{ Install: 'x' }] }), /Install is not a life-cycle event/],
    [appSpec({ hooks: [{ AfterInstall: 'x' }, { AfterInstall: 'y' }] }), /named twice/],
    [network({ Subnets: ['s'] }), /All or none .* missing: SecurityGroups, AssignPublicIp/],
    [network({ ...full, AssignPublicIp: 'yes' }), /ENABLED or DISABLED/],
    [network({ ...full, Subnets: 's' }), /Subnets must be a list/],
    [strategy({ CapacityProvider: 'a' }, { CapacityProvider: 'b' }), /Weight above 0/],
    [
      strategy({ CapacityProvider: 'a', Base: 1 }, { CapacityProvider: 'b', Base: 1, Weight: 1 }),
      /one capacity/,
    ],
    [strategy({ CapacityProvider: 'a', Weight: -1 }), /Weight must be a whole number/],
  ]
  for (const [content, message] of refused)
    assert.throws(() => parseAppSpec(content), { name: 'InvalidAppSpec', message }, content)
  assert.deepEqual(
    parseAppSpec(network({ Subnets: [], SecurityGroups: '', AssignPublicIp: '' }).replace('[]', '""'))
      .network,
    undefined,
  )
})

test('hostile YAML is refused at once', () => {
  const bomb = Array.from({ length: 12 }, (_, n) => {
    const items = Array(9).fill(n === 0 ? '"x"' : `*a${n - 1}`)
    return `a${n}: &a${n} [${items.join(',')}]`
  }).join('\n')
  const contents = [
    bomb,
    'a'.repeat(10_000_000),
    '['.repeat(16_000),
    '{a: '.repeat(4_000),
    '? '.repeat(8_000),
    '?\n'.repeat(8_000),
    '- '.repeat(8_000),
    Array.from({ length: 160 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
    Array.from({ length: 2_000 }, (_, n) => `k${n}: 1`).join('\n'),
    '&a '.repeat(5_000),
    '!!js/function "process.exit()"',
    '"\\u0000',
    '\u0000',
  ]
  for (const content of contents) {
    const from = performance.now()
    assert.throws(() => parseAppSpec(content), { name: 'InvalidAppSpec' })
    assert.ok(performance.now() - from < 30_000, content.slice(0, 20))
  }
})
