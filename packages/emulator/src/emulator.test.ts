/** What a changed configuration does to what keeps something: in place with all that is in it, or refused, or replaced. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import {
  BatchDeleteImageCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr'
import {
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53'
import { GetObjectCommand, HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetParameterHistoryCommand, SSMClient } from '@aws-sdk/client-ssm'
import type { EmulatorError } from './client/index.ts'
import { type LifeCycle, startLifeCycle } from './test-kit/terraform-life-cycle.test-kit.ts'

const policy = (count: number, spaces = 0) =>
  JSON.stringify(
    {
      rules: [
        {
          rulePriority: 1,
          selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: count },
          action: { type: 'expire' },
        },
      ],
    },
    null,
    spaces,
  )

describe('what keeps something, when its configuration changes', { timeout: 120_000 }, () => {
  let life: LifeCycle
  before(async () => {
    life = await startLifeCycle({
      aws_cloudwatch_log_group: { app: { name: '/app', retention_in_days: 7 } },
      aws_cloudwatch_log_stream: {
        app: { name: 'one', log_group_name: '${aws_cloudwatch_log_group.app.name}' },
      },
      aws_cloudwatch_metric_alarm: {
        errors: {
          alarm_name: 'errors',
          namespace: 'AWS/ApplicationELB',
          metric_name: 'HTTPCode_Target_5XX_Count',
          statistic: 'Sum',
          period: 60,
          evaluation_periods: 1,
          comparison_operator: 'GreaterThanThreshold',
          threshold: 1,
        },
      },
      aws_ecr_repository: { app: { name: 'app' } },
      aws_ecr_lifecycle_policy: { app: { repository: '${aws_ecr_repository.app.name}', policy: policy(10) } },
      aws_s3_bucket: { files: { bucket: 'files' } },
      aws_ssm_parameter: { size: { name: '/size', type: 'String', value: '1' } },
      aws_route53_zone: { main: { name: 'example.com', force_destroy: true } },
      aws_route53_record: {
        www: {
          zone_id: '${aws_route53_zone.main.zone_id}',
          name: 'www',
          type: 'A',
          ttl: 60,
          records: ['192.0.2.1'],
        },
      },
      aws_secretsmanager_secret: { key: { name: 'key', recovery_window_in_days: 0 } },
      aws_secretsmanager_secret_version: {
        key: { secret_id: '${aws_secretsmanager_secret.key.id}', secret_string: 'first' },
      },
    })
    await life.apply()
    assert.deepEqual(await life.plan(), [])
  })
  after(() => life?.[Symbol.asyncDispose]())

  const refusal = (pattern: RegExp) => (error: EmulatorError) => {
    assert.match(error.diagnostics[0]?.detail ?? error.message, pattern)
    return true
  }

  // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
  test('the retention of a log group changes in place: the events stay', async () => {
    const logs = new CloudWatchLogsClient(life.settings)
    const at = { logGroupName: '/app', logStreamName: 'one' }
    await logs.send(
      new PutLogEventsCommand({ ...at, logEvents: [{ timestamp: Date.now(), message: 'kept' }] }),
    )
    life.of('aws_cloudwatch_log_group.app').retention_in_days = 30
    assert.deepEqual(await life.apply(), ['update aws_cloudwatch_log_group.app'])
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}))
    assert.equal(logGroups?.[0]?.retentionInDays, 30)
    const { events } = await logs.send(new GetLogEventsCommand(at))
    assert.deepEqual(
      events?.map(({ message }) => message),
      ['kept'],
    )
    logs.destroy()
  })

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  test('an alarm changes in place; of another name it is another alarm', async () => {
    const cloudWatch = new CloudWatchClient(life.settings)
    const alarms = async () => {
      const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({}))
      return MetricAlarms.map(({ AlarmName, Threshold }) => `${AlarmName} ${Threshold}`)
    }
    life.of('aws_cloudwatch_metric_alarm.errors').threshold = 5
    assert.deepEqual(await life.apply(), ['update aws_cloudwatch_metric_alarm.errors'])
    assert.deepEqual(await alarms(), ['errors 5'])
    life.of('aws_cloudwatch_metric_alarm.errors').alarm_name = 'failures'
    assert.deepEqual(await life.apply(), ['replace aws_cloudwatch_metric_alarm.errors (alarm_name)'])
    assert.deepEqual(await alarms(), ['failures 5'])
    cloudWatch.destroy()
  })

  test('a life-cycle policy that only looks different is no change; another one is replaced', async () => {
    life.of('aws_ecr_lifecycle_policy.app').policy = policy(10, 2)
    assert.deepEqual(await life.plan(), [])
    life.of('aws_ecr_lifecycle_policy.app').policy = policy(20)
    assert.deepEqual(await life.apply(), ['replace aws_ecr_lifecycle_policy.app (policy)'])
  })

  // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html
  test('a repository of another name is another one, and images keep the old one from being deleted', async () => {
    const ecr = new ECRClient(life.settings)
    const imageDigest = await pushEmptyImage(life.settings.endpoint, ecr, 'app')
    life.of('aws_ecr_repository.app').name = 'renamed'
    assert.deepEqual(await life.plan(), [
      'replace aws_ecr_lifecycle_policy.app (repository)',
      'replace aws_ecr_repository.app (name)',
    ])
    await assert.rejects(
      life.apply(),
      refusal(/^RepositoryNotEmptyException: .*cannot be deleted because it still contains images/),
    )
    const names = async () =>
      (await ecr.send(new DescribeRepositoriesCommand({}))).repositories?.map(
        ({ repositoryName }) => repositoryName,
      )
    assert.deepEqual(await names(), ['app'])
    await ecr.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds: [{ imageDigest }] }))
    assert.deepEqual(await life.apply(), [
      'create aws_ecr_lifecycle_policy.app',
      'replace aws_ecr_repository.app (name)',
    ])
    assert.deepEqual(await names(), ['renamed'])
    ecr.destroy()
  })

  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html
  test('a bucket with objects is not replaced, unless force_destroy was applied before', async () => {
    const s3 = new S3Client({ ...life.settings, forcePathStyle: true })
    const object = { Bucket: 'files', Key: 'kept' }
    await s3.send(new PutObjectCommand({ ...object, Body: 'kept' }))
    life.of('aws_s3_bucket.files').bucket = 'other-files'
    await assert.rejects(life.apply(), refusal(/BucketNotEmpty/))
    // As with the provider: what counts is what was applied, not what is to be.
    life.of('aws_s3_bucket.files').force_destroy = true
    await assert.rejects(life.apply(), refusal(/BucketNotEmpty/))
    assert.equal(await (await s3.send(new GetObjectCommand(object))).Body?.transformToString(), 'kept')
    life.of('aws_s3_bucket.files').bucket = 'files'
    assert.deepEqual(await life.apply(), ['update aws_s3_bucket.files'])
    life.of('aws_s3_bucket.files').bucket = 'other-files'
    assert.deepEqual(await life.apply(), ['replace aws_s3_bucket.files (bucket)'])
    await assert.rejects(s3.send(new HeadBucketCommand({ Bucket: 'files' })), { name: 'NotFound' })
    s3.destroy()
  })

  // https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
  test('a parameter changes in place up to the advanced tier, and is replaced on the way back', async () => {
    const ssm = new SSMClient(life.settings)
    const versions = async () =>
      (await ssm.send(new GetParameterHistoryCommand({ Name: '/size' }))).Parameters?.map(
        ({ Version }) => Version,
      )
    Object.assign(life.of('aws_ssm_parameter.size'), { value: '2', tier: 'Advanced' })
    assert.deepEqual(await life.apply(), ['update aws_ssm_parameter.size'])
    assert.deepEqual(await versions(), [1, 2])
    life.of('aws_ssm_parameter.size').tier = 'Standard'
    assert.deepEqual(await life.apply(), ['replace aws_ssm_parameter.size (tier)'])
    assert.deepEqual(await versions(), [1])
    ssm.destroy()
  })

  // https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
  test('a record of another type takes the place of the old one in one batch', async () => {
    const route53 = new Route53Client(life.settings)
    Object.assign(life.of('aws_route53_record.www'), { type: 'CNAME', records: ['elsewhere.example.net'] })
    assert.deepEqual(await life.apply(), ['update aws_route53_record.www'])
    const { HostedZones: [zone] = [] } = await route53.send(new ListHostedZonesCommand({}))
    const { ResourceRecordSets = [] } = await route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: zone?.Id ?? '' }),
    )
    const own = ResourceRecordSets.filter(({ Name }) => Name === 'www.example.com.')
    assert.deepEqual(
      own.map(({ Type }) => Type),
      ['CNAME'],
    )
    assert.deepEqual(await life.plan(), [])
    route53.destroy()
  })

  // https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
  test('a secret’s value is a new version; its stages move in place', async () => {
    const secrets = new SecretsManagerClient(life.settings)
    const value = async (VersionStage?: string) =>
      (
        await secrets.send(
          new GetSecretValueCommand({ SecretId: 'key', ...(VersionStage ? { VersionStage } : {}) }),
        )
      ).SecretString
    life.of('aws_secretsmanager_secret_version.key').version_stages = ['AWSCURRENT', 'tested']
    assert.deepEqual(await life.apply(), ['update aws_secretsmanager_secret_version.key'])
    assert.equal(await value('tested'), 'first')
    life.of('aws_secretsmanager_secret_version.key').secret_string = 'second'
    assert.deepEqual(await life.apply(), ['replace aws_secretsmanager_secret_version.key (secret_string)'])
    assert.deepEqual([await value(), await value('tested')], ['second', 'second'])
    assert.deepEqual(await life.plan(), [])
    secrets.destroy()
  })

  test('prevent_destroy refuses a replacement by name of what forces it, before anything is done', async () => {
    const alarm = life.of('aws_cloudwatch_metric_alarm.errors')
    Object.assign(alarm, { alarm_name: 'third', lifecycle: { prevent_destroy: true } })
    life.of('aws_ssm_parameter.size').value = '3'
    await assert.rejects(life.apply(), (error: EmulatorError) => {
      assert.equal(error.unfinished, undefined)
      assert.equal(error.diagnostics[0]?.address, 'aws_cloudwatch_metric_alarm.errors')
      return refusal(/^alarm_name forces replacement, and lifecycle\.prevent_destroy protects it/)(error)
    })
    Object.assign(alarm, { alarm_name: 'failures', lifecycle: {} })
    assert.deepEqual(await life.apply(), ['update aws_ssm_parameter.size'])
  })

  test('destroyed, nothing is kept of it', async () => {
    await life.destroy()
    const status = await life.emulator.status()
    assert.deepEqual([status.stacks, status.names], [[], []])
  })
})

/** An image without layers, by the registry's own protocol. */
async function pushEmptyImage(endpoint: string, ecr: ECRClient, repository: string): Promise<string> {
  const { authorizationData = [] } = await ecr.send(new GetAuthorizationTokenCommand({}))
  const headers = { authorization: `Basic ${authorizationData[0]?.authorizationToken}` }
  const put = async (url: string, body: string, type: string) => {
    const response = await fetch(new URL(url, endpoint), {
      method: 'PUT',
      body,
      headers: { ...headers, 'content-type': type },
    })
    assert.equal(response.status, 201, await response.text())
    return response
  }
  const config = '{}'
  const digest = `sha256:${createHash('sha256').update(config).digest('hex')}`
  const begun = await fetch(new URL(`/v2/${repository}/blobs/uploads/`, endpoint), {
    method: 'POST',
    headers,
  })
  await put(`${begun.headers.get('location')}?digest=${digest}`, config, 'application/octet-stream')
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: config.length },
    layers: [],
  }
  const pushed = await put(`/v2/${repository}/manifests/1`, JSON.stringify(manifest), manifest.mediaType)
  return pushed.headers.get('docker-content-digest') ?? ''
}
