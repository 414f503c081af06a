/** Names that AWS would refuse: too long, of other characters, or used twice. */
import { longestName } from '@baton/config'
import { isKnown } from '../../model/block.ts'
import type { Rule } from '../../model/finding.ts'

interface NameRule {
  readonly argument: string
  readonly longest: number
  readonly pattern?: RegExp
  /** What the pattern says, for people. */
  readonly says?: string
}

const plain = {
  pattern: /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/,
  says: 'letters, digits and inner hyphens',
}
const iam = { pattern: /^[\w+=,.@-]+$/, says: 'letters, digits and _+=,.@-' }
const word = { pattern: /^[\w-]+$/, says: 'letters, digits, hyphens and underscores' }

const names: Readonly<Record<string, NameRule>> = {
  aws_lb: { argument: 'name', longest: longestName.loadBalancer, ...plain },
  aws_lb_target_group: { argument: 'name', longest: longestName.targetGroup, ...plain },
  aws_s3_bucket: {
    argument: 'bucket',
    longest: longestName.bucket,
    pattern: /^(?!xn--|\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]+[a-z0-9]$/,
    says: 'lower-case letters, digits, dots and hyphens',
  },
  aws_iam_role: { argument: 'name', longest: longestName.role, ...iam },
  aws_iam_policy: { argument: 'name', longest: longestName.policy, ...iam },
  aws_iam_role_policy: { argument: 'name', longest: longestName.policy, ...iam },
  aws_lambda_function: { argument: 'function_name', longest: longestName.lambdaFunction, ...word },
  aws_ecs_cluster: { argument: 'name', longest: longestName.cluster, ...word },
  aws_ecs_service: { argument: 'name', longest: longestName.service, ...word },
  aws_ecs_task_definition: { argument: 'family', longest: longestName.taskFamily, ...word },
  aws_db_instance: {
    argument: 'identifier',
    longest: longestName.database,
    pattern: /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]*(?<!-)$/,
    says: 'letters, digits and single inner hyphens, a letter first',
  },
  aws_db_subnet_group: { argument: 'name', longest: longestName.databaseSubnetGroup },
  aws_ecr_repository: {
    argument: 'name',
    longest: longestName.repository,
    pattern: /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/,
    says: 'lower-case words with single separators',
  },
  aws_security_group: {
    argument: 'name',
    longest: longestName.securityGroup,
    pattern: /^(?!sg-)/,
    says: 'anything that does not begin with sg-',
  },
  aws_cloudfront_function: { argument: 'name', longest: longestName.edgeFunction, ...word },
  aws_cloudfront_key_value_store: { argument: 'name', longest: longestName.keyValueStore, ...word },
  aws_cloudfront_origin_access_control: { argument: 'name', longest: longestName.originAccessControl },
  aws_codedeploy_app: { argument: 'name', longest: longestName.codedeployApplication },
  aws_codedeploy_deployment_group: {
    argument: 'deployment_group_name',
    longest: longestName.deploymentGroup,
  },
  aws_codedeploy_deployment_config: {
    argument: 'deployment_config_name',
    longest: longestName.deploymentConfiguration,
  },
  aws_cloudwatch_log_group: {
    argument: 'name',
    longest: longestName.logGroup,
    pattern: /^[\w./#-]+$/,
    says: 'letters, digits and _-/.#',
  },
  aws_cloudwatch_metric_alarm: { argument: 'alarm_name', longest: longestName.alarm },
  aws_cloudwatch_event_rule: {
    argument: 'name',
    longest: longestName.eventRule,
    pattern: /^[\w.-]+$/,
    says: 'letters, digits and ._-',
  },
  aws_sns_topic: {
    argument: 'name',
    longest: longestName.topic,
    pattern: /^[\w-]+(\.fifo)?$/,
    says: 'letters, digits, hyphens and underscores',
  },
  aws_secretsmanager_secret: {
    argument: 'name',
    longest: longestName.secret,
    pattern: /^[\w/+=.@-]+$/,
    says: 'letters, digits and /_+=.@-',
  },
  aws_ssm_parameter: {
    argument: 'name',
    longest: longestName.parameter,
    pattern: /^[\w/.-]+$/,
    says: 'letters, digits and /_.-',
  },
}

export const nameRules: readonly Rule[] = [
  {
    name: 'name',
    severity: 'error',
    demand: 'AWS accepts every name.',
    source: 'https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html',
    *check(terraform) {
      for (const resource of terraform.all(...Object.keys(names))) {
        const rule = names[resource.type]
        const name = rule === undefined ? undefined : resource.text(rule.argument)
        if (rule === undefined || name === undefined || !isKnown(name)) continue
        if (name.length > rule.longest) {
          yield {
            at: resource,
            reason: `${name} is ${name.length} characters long; AWS accepts ${rule.longest}`,
            fix: `Shorten it by ${name.length - rule.longest}: the project, the environment or the name in it.`,
          }
        }
        if (rule.pattern !== undefined && !rule.pattern.test(name)) {
          yield { at: resource, reason: `${name} is refused`, fix: `Use ${rule.says}.` }
        }
      }
    },
  },
  {
    name: 'name-taken',
    severity: 'error',
    demand: 'No two resources of a type have the same name.',
    source: 'https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html',
    *check(terraform) {
      // Their names are unique within something larger, such as a cluster or a role, not within the account.
      const scoped = [
        'aws_ecs_service',
        'aws_iam_role_policy',
        'aws_codedeploy_deployment_group',
        'aws_ecs_task_definition',
      ]
      const seen = new Map<string, string>()
      for (const resource of terraform.all(...Object.keys(names).filter((type) => !scoped.includes(type)))) {
        const name = resource.text(names[resource.type]?.argument ?? 'name')
        if (name === undefined || !isKnown(name)) continue
        const key = `${resource.type} ${resource.text('region') ?? ''} ${name}`
        const other = seen.get(key)
        seen.set(key, other ?? resource.address)
        if (other !== undefined)
          yield { at: resource, reason: `${other} is called ${name} too`, fix: 'Rename one of them.' }
      }
    },
  },
]
