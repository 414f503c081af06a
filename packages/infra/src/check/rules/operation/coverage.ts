/** What the check did not read: reported, so that silence is not taken for approval. */

import { containersOf } from '../../model/containers.ts'
import type { Rule } from '../../model/finding.ts'
import { identityPolicies, resourcePolicyTypes, statementsOf } from '../../model/policies.ts'

/** Types that a rule looks at, or that hold nothing which a rule could ask for. */
const knownTypes = new Set(
  `aws_acm_certificate aws_acm_certificate_validation aws_appautoscaling_policy aws_appautoscaling_scheduled_action
  aws_appautoscaling_target aws_cloudfront_distribution aws_cloudfront_function aws_cloudfront_key_value_store
  aws_cloudfront_origin_access_control aws_cloudfrontkeyvaluestore_key aws_cloudwatch_composite_alarm
  aws_cloudwatch_dashboard aws_cloudwatch_event_rule aws_cloudwatch_event_target aws_cloudwatch_log_group
  aws_cloudwatch_metric_alarm aws_codedeploy_app aws_codedeploy_deployment_config aws_codedeploy_deployment_group
  aws_db_instance aws_db_parameter_group aws_db_subnet_group aws_default_route_table aws_default_security_group
  aws_ebs_encryption_by_default aws_ebs_volume aws_ecr_lifecycle_policy aws_ecr_registry_scanning_configuration
  aws_ecr_repository aws_ecr_repository_policy aws_ecs_cluster aws_ecs_service aws_ecs_task_definition
  aws_flow_log aws_efs_access_point aws_efs_backup_policy aws_efs_file_system aws_efs_file_system_policy aws_efs_mount_target
  aws_eip aws_iam_access_key aws_iam_group_policy aws_iam_openid_connect_provider aws_iam_policy
  aws_iam_policy_attachment aws_iam_role aws_iam_role_policy aws_iam_role_policy_attachment aws_iam_user_policy
  aws_iam_user_policy_attachment aws_instance aws_internet_gateway aws_kms_alias aws_kms_key aws_lambda_function
  aws_lambda_permission aws_launch_template aws_lb aws_lb_listener aws_lb_listener_certificate aws_lb_listener_rule
  aws_lb_target_group aws_nat_gateway aws_rds_cluster aws_rds_cluster_instance aws_route aws_route_table
  aws_route_table_association aws_route53_record aws_route53_zone aws_s3_bucket aws_s3_bucket_acl
  aws_s3_bucket_lifecycle_configuration aws_s3_bucket_ownership_controls aws_s3_bucket_policy
  aws_scheduler_schedule aws_scheduler_schedule_group aws_s3_bucket_public_access_block aws_s3_bucket_server_side_encryption_configuration aws_s3_bucket_versioning
  aws_secretsmanager_secret aws_secretsmanager_secret_policy aws_secretsmanager_secret_version aws_security_group
  aws_security_group_rule aws_sns_topic aws_sns_topic_policy aws_sns_topic_subscription aws_sqs_queue_policy
  aws_ssm_parameter aws_subnet aws_vpc aws_vpc_endpoint aws_vpc_ipv4_cidr_block_association
  aws_vpc_security_group_egress_rule aws_vpc_security_group_ingress_rule random_password terraform_data
  null_resource`.split(/\s+/),
)

export const coverageRules: readonly Rule[] = [
  {
    name: 'unknown-type',
    severity: 'note',
    demand: 'The check has rules for every type of resource.',
    *check(terraform) {
      for (const resource of terraform.resources) {
        if (resource.kind !== 'resource' || knownTypes.has(resource.type)) continue
        yield { at: resource, reason: `no rule is about ${resource.type}`, fix: 'Review it yourself.' }
      }
    },
  },
  {
    name: 'unread',
    severity: 'note',
    demand: 'Policies, containers and blocks are literal, not computed.',
    *check(terraform) {
      for (const resource of terraform.resources) {
        const unread = [
          ...(resource.at('dynamic') === undefined ? [] : ['its dynamic blocks']),
          ...(identityPolicies(resource).includes(undefined) ? ['its policy'] : []),
          ...(resource.type === 'aws_iam_role' && statementsOf(resource, 'assume_role_policy') === undefined
            ? ['its trust policy']
            : []),
          ...(resourcePolicyTypes.some((type) => type === resource.type) &&
          resource.at('policy') !== undefined &&
          statementsOf(resource, 'policy') === undefined
            ? ['its policy']
            : []),
          ...(resource.type === 'aws_ecs_task_definition' && containersOf(resource) === undefined
            ? ['its container definitions']
            : []),
        ]
        if (unread.length === 0) continue
        yield {
          at: resource,
          reason: `${unread.join(' and ')} cannot be read before an apply`,
          fix: 'Write them as JSON, or look at them in the plan.',
        }
      }
    },
  },
]
