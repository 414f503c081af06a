/** Notices: one topic for deployments, scaling and alarms, and its subscribers by e-mail. */
import { ruleName, topicName } from '@baton/config'
import { CloudwatchEventRule } from '@cdktn/provider-aws/lib/cloudwatch-event-rule/index.js'
import { CloudwatchEventTarget } from '@cdktn/provider-aws/lib/cloudwatch-event-target/index.js'
import { SnsTopic } from '@cdktn/provider-aws/lib/sns-topic/index.js'
import { SnsTopicPolicy } from '@cdktn/provider-aws/lib/sns-topic-policy/index.js'
import { SnsTopicSubscription } from '@cdktn/provider-aws/lib/sns-topic-subscription/index.js'
import { Construct } from 'constructs'
import { policyDocument } from '../security/policy.ts'
import type { BatonStack } from '../terraform/stack.ts'

export function notices(stack: BatonStack): SnsTopic {
  const scope = new Construct(stack, 'notices')
  const { platform } = stack
  const topic = new SnsTopic(scope, 'notices', {
    name: topicName(platform),
    displayName: platform.name,
    ...(stack.keyArn === undefined ? {} : { kmsMasterKeyId: stack.keyArn }),
  })
  new SnsTopicPolicy(new Construct(scope, 'policy'), 'notices', {
    arn: topic.arn,
    policy: policyDocument([
      {
        Sid: 'Alarms',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Resource: topic.arn,
        Condition: { StringEquals: { 'aws:SourceAccount': stack.accountId } },
      },
      {
        Sid: 'Events',
        Action: 'sns:Publish',
        Principal: { Service: 'events.amazonaws.com' },
        Resource: topic.arn,
      },
    ]),
  })
  platform.notifications.emails.forEach((endpoint, index) => {
    new SnsTopicSubscription(scope, `email_${index + 1}`, {
      topicArn: topic.arn,
      protocol: 'email',
      endpoint,
    })
  })
  const rule = (id: string, description: string, pattern: object) => {
    const rule = new CloudwatchEventRule(scope, id, {
      name: ruleName(platform, id),
      description,
      eventPattern: JSON.stringify(pattern),
    })
    new CloudwatchEventTarget(new Construct(scope, `${id}-target`), id, { rule: rule.name, arn: topic.arn })
  }
  rule('deployments', 'Deployments as they start, succeed, fail and stop', {
    source: ['aws.codedeploy'],
    'detail-type': ['CodeDeploy Deployment State-change Notification'],
    detail: { application: [platform.name] },
  })
  rule('scaling', 'Services that grow and shrink', {
    source: ['aws.application-autoscaling'],
    'detail-type': ['Application Auto Scaling Scaling Activity State Change'],
    detail: { serviceNamespace: ['ecs'], resourceId: [{ prefix: `service/${platform.name}/` }] },
  })
  return topic
}
