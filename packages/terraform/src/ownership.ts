/**
 * What deployments change as a matter of course, and Terraform ignores. A plan reports it as drift
 * after every release; it is none.
 */

/** Attributes by type of resource. */
const owned: Readonly<Record<string, readonly string[]>> = {
  // CodeDeploy moves the weights from one target group to the other.
  aws_lb_listener_rule: ['action'],
  aws_lb_listener: ['default_action'],
  aws_lb_target_group: ['load_balancer_arns'],
  // The running revision, the target group of the primary task set, and what scaling decides.
  aws_ecs_service: ['task_definition', 'load_balancer', 'desired_count', 'deployment_controller'],
  // Suspended while a service deploys.
  aws_appautoscaling_target: ['suspended_state'],
  // The pointer to a site's current release, and the store that holds it.
  aws_cloudfrontkeyvaluestore_key: ['value', 'total_size_in_bytes'],
  aws_cloudfront_key_value_store: ['etag', 'last_modified_time', 'status'],
  aws_codedeploy_deployment_group: ['target_revision'],
  // Grows by itself between the bounds of the configuration, and moves forward by minor versions.
  aws_db_instance: [
    'allocated_storage',
    'latest_restorable_time',
    'engine_version_actual',
    'availability_zone',
  ],
  aws_efs_file_system: ['size_in_bytes', 'number_of_mount_targets'],
}

/** Whether a difference in this attribute is a deployment's (or AWS's) own doing. */
export const ownedByDeployments = (type: string, attribute: string): boolean =>
  owned[type]?.includes(attribute) ?? false
