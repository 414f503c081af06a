/** `delivery`: how a release shifts traffic, and what stops it. */
import { z } from 'zod'
import { block, percent, port } from './values.ts'

const timed = {
  percent: percent.meta({
    description: 'Share of the traffic that a step shifts, of a canary or a linear shift.',
  }),
  minutes: z.int().min(1).meta({ description: 'Time until the next step, of a canary or a linear shift.' }),
}

const kind = <const Kind extends string>(name: Kind, description: string) =>
  z.literal(name).meta({ description })

const shift = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: kind('allAtOnce', 'All of the traffic at once.') })
    .meta({ description: 'All of the traffic at once.' }),
  z
    .strictObject({ kind: kind('canary', 'First a share, then the rest.'), ...timed })
    .meta({ description: 'First a share of the traffic, and after some minutes the rest.' }),
  z
    .strictObject({ kind: kind('linear', 'The same share in each step.'), ...timed })
    .meta({ description: 'The same share again every few minutes.' }),
])

const alarms = z
  .strictObject({
    errorPercent: z.number().gt(0).lt(100).default(5).meta({
      description:
        'Percentage of 5xx answers above which a deployment stops. Less than the share of the canary.',
      becomes: '`aws_cloudwatch_metric_alarm` `threshold`',
    }),
    latencyP99Seconds: z.number().gt(0).default(2).meta({
      description: '99th percentile of the response time above which a deployment stops.',
      becomes: '`aws_cloudwatch_metric_alarm` `threshold`',
    }),
    periodSeconds: z
      .int()
      .multipleOf(60, 'The metrics of a load balancer come once a minute: use a multiple of 60.')
      .min(60)
      .default(60)
      .meta({ description: 'Length of one data point.', becomes: '`aws_cloudwatch_metric_alarm` `period`' }),
    datapoints: z.int().min(1).max(60).default(2).meta({
      description: 'Data points in a row that breach before the alarm fires.',
      becomes: '`aws_cloudwatch_metric_alarm` `evaluation_periods`, `datapoints_to_alarm`',
    }),
  })
  .prefault({})
  .meta({
    description: 'Alarms that stop a deployment and roll it back. They must fire before the canary ends.',
  })

export const delivery = z
  .strictObject({
    controller: z.enum(['codedeploy']).default('codedeploy').meta({
      description: 'Deployment controller of the services.',
      becomes: '`aws_ecs_service` `deployment_controller`, `aws_codedeploy_app`',
    }),
    shift: shift.default({ kind: 'canary', percent: 10, minutes: 5 }).meta({
      description:
        'How traffic moves to the new version. Write `allAtOnce()`, `canary({ … })` or `linear({ … })`.',
      becomes:
        '`aws_codedeploy_deployment_group` `deployment_config_name`, `aws_codedeploy_deployment_config`',
    }),
    testPort: port.default(8443).meta({
      description: 'Port of the test listener, where CodeDeploy shows new tasks before they take traffic.',
      becomes: '`aws_lb_listener` `test` `port`',
    }),
    testAccess: z.array(block).max(4).default([]).meta({
      description:
        'Blocks of addresses that may call the test listener, besides the smoke test. The security group has room for four beside CloudFront’s addresses.',
      becomes: '`aws_vpc_security_group_ingress_rule` `test_1` …',
    }),
    terminationWaitMinutes: z.int().min(0).max(2880).default(1).meta({
      description: 'Time that the old tasks stay after the shift, so that a rollback finds them.',
      becomes: '`aws_codedeploy_deployment_group` `termination_wait_time_in_minutes`',
    }),
    giveUpAfterMinutes: z.int().min(1).max(60).default(10).meta({
      description:
        'Time without healthy new tasks after which Baton stops the deployment. Baton does this itself: nothing on AWS has this option.',
    }),
    approval: z.boolean().default(false).meta({
      description: 'Whether CodeDeploy waits for a person to continue before it shifts traffic.',
      becomes: '`aws_codedeploy_deployment_group` `deployment_ready_option`',
    }),
    smokeTest: z.boolean().default(false).meta({
      description: 'Whether a Lambda function asks the health path of new tasks before they take traffic.',
      becomes: '`aws_lambda_function` `<service>_smoke_test`',
    }),
    originHeaderGeneration: z.int().min(1).default(1).meta({
      description:
        'Generation of the secret header between CloudFront and the load balancer. Raise it to rotate the header.',
      becomes: '`aws_ssm_parameter` `origin_header_<n>`',
    }),
    alarms,
  })
  .meta({ description: 'How releases shift traffic, and what stops them.' })
