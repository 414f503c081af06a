/**
 * The way out of what the configuration can say: a `baton.infra.ts` beside it adds resources with CDK Terrain's own
 * constructs and overrides those that stand there. What the emulator models is applied like everything else; what it
 * does not model is refused by its address, until the user says `--inert`, and then it is named.
 */
import assert from 'node:assert/strict'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import {
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ListSubscriptionsByTopicCommand, ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns'
import { loadBalancerName, loadPlatform, type Platform } from '../../packages/config/src/index.ts'
import type { EmulatorError } from '../../packages/emulator/src/client/index.ts'
import {
  openRehearsalEnvironment,
  type RehearsalEnvironment,
} from '../../packages/rehearsal/src/run/environment.ts'
import { plainSites } from './plain-sites.ts'
import { openWorkspace, repository } from './workspace.ts'

/** A queue is a type of resource that the emulator does not model; the others it does. */
const extension = `
import { type Extension, findResource } from '@baton/infra'
import { CloudwatchMetricAlarm } from '@cdktn/provider-aws/lib/cloudwatch-metric-alarm/index.js'
import { SnsTopic } from '@cdktn/provider-aws/lib/sns-topic/index.js'
import { SnsTopicSubscription } from '@cdktn/provider-aws/lib/sns-topic-subscription/index.js'
import { SqsQueue } from '@cdktn/provider-aws/lib/sqs-queue/index.js'

export default (({ platform }) => {
  const { name } = platform.platform
  const topic = new SnsTopic(platform, 'on_call', { name: name + '-on-call' })
  const queue = new SqsQueue(platform, 'pages', { name: name + '-pages' })
  new SnsTopicSubscription(platform, 'on_call_pages', { topicArn: topic.arn, protocol: 'sqs', endpoint: queue.arn })
  new CloudwatchMetricAlarm(platform, 'busy', {
    alarmName: name + '-busy',
    namespace: 'AWS/ApplicationELB',
    metricName: 'RequestCount',
    statistic: 'Sum',
    period: 60,
    evaluationPeriods: 1,
    comparisonOperator: 'GreaterThanThreshold',
    threshold: 1_000_000,
    alarmActions: [topic.arn],
  })
  findResource(platform, 'aws_lb.main').addOverride('idle_timeout', 120)
}) satisfies Extension
`
const unmodelled = { type: 'aws_sqs_queue', address: 'aws_sqs_queue.pages' }

describe('baton.infra.ts beside the configuration', { timeout: 300_000 }, () => {
  const workspace = openWorkspace()
  const configuration = workspace.configure(plainSites)
  workspace.write('baton.infra.ts', extension)
  // What it imports is found as in any project: in the packages installed beside it.
  symlinkSync(join(repository, 'node_modules'), join(workspace.root, 'node_modules'))
  after(() => workspace.close())

  test('is refused with the address of what cannot be rehearsed, and nothing is left', async () => {
    const ended = await workspace.run(
      ...[
        '--config',
        configuration,
        'rehearse',
        '--traffic',
        join(repository, 'examples/accounts/baton.rehearsal.ts'),
      ],
    )
    assert.notEqual(ended.code, 0)
    assert.match(ended.stderr, /aws_sqs_queue\.pages: Unknown resource type "aws_sqs_queue"/)
    assert.match(ended.stderr, /--inert aws_sqs_queue/)
    assert.doesNotMatch(ended.stderr, /apply bootstrap|push the image/, 'refused before anything was applied')
    assert.doesNotMatch(ended.stderr, /\n\s+at /, 'a stack trace')
    await workspace.nothingLeft()
  })

  describe('with the type accepted as inert', () => {
    let platform: Platform
    let stage: RehearsalEnvironment

    before(async () => {
      platform = await loadPlatform(configuration)
      const [workDir, cacheDir] = [join(workspace.root, 'stage'), join(workspace.stateDir, 'cache')]
      stage = await openRehearsalEnvironment(
        { platform, workDir, cacheDir, speed: 120, inert: [unmodelled.type] },
        'v1',
      )
    })
    after(() => stage?.close())

    test('names what is not rehearsed, and nothing else', () => {
      assert.deepEqual([...stage.inert], [unmodelled.address])
    })

    test('has added its resources', async () => {
      const [sns, cloudWatch] = [
        new SNSClient(stage.emulator.clientSettings()),
        new CloudWatchClient(stage.emulator.clientSettings()),
      ]
      const { Topics = [] } = await sns.send(new ListTopicsCommand({}))
      const TopicArn = Topics.find((topic) =>
        topic.TopicArn?.endsWith(':keencho-production-on-call'),
      )?.TopicArn
      assert.ok(TopicArn)
      const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))
      assert.equal(Subscriptions?.length, 1)
      const { MetricAlarms } = await cloudWatch.send(
        new DescribeAlarmsCommand({ AlarmNames: ['keencho-production-busy'] }),
      )
      assert.deepEqual(MetricAlarms?.[0]?.AlarmActions, [TopicArn])
      sns.destroy()
      cloudWatch.destroy()
    })

    test('has overridden an attribute, in the Terraform and on the platform', async () => {
      const file = join(workspace.root, 'stage/terraform/stacks/platform/cdk.tf.json')
      assert.equal(JSON.parse(readFileSync(file, 'utf8')).resource.aws_lb.main.idle_timeout, 120)
      const elb = new ElasticLoadBalancingV2Client(stage.emulator.clientSettings())
      const { LoadBalancers: [balancer] = [] } = await elb.send(
        new DescribeLoadBalancersCommand({ Names: [loadBalancerName(platform)] }),
      )
      const { Attributes = [] } = await elb.send(
        new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: balancer?.LoadBalancerArn }),
      )
      const timeout = Attributes.find(({ Key }) => Key === 'idle_timeout.timeout_seconds')
      assert.equal(timeout?.Value, '120')
      elb.destroy()
    })

    test('leaves nothing to change, as long as the type is accepted', async () => {
      const folder = join(workspace.root, 'stage/terraform/stacks/platform')
      const plan = await stage.emulator.plan(folder, { stack: 'platform', inert: [unmodelled.type] })
      assert.deepEqual([plan.changes, plan.inert], [[], [unmodelled.address]])
      await assert.rejects(stage.emulator.plan(folder, { stack: 'platform' }), (error: EmulatorError) => {
        assert.deepEqual(
          error.diagnostics.map(({ address }) => address),
          [unmodelled.address],
        )
        return true
      })
    })
  })
})
