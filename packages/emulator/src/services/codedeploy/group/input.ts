/** What Terraform says of a deployment group, in the words of the API. */
import type { CreateDeploymentGroupInput, TriggerEventType } from '@aws-sdk/client-codedeploy'
import type { Attributes } from '../../../terraform/type/resource-type.ts'
import { blocks, firstBlock, stringList } from '../../../terraform/type/values.ts'
import type { Group } from '../model/model.ts'

/** The input of CreateDeploymentGroup; blocks that are left out are off. */
export function groupInput(planned: Attributes): CreateDeploymentGroupInput {
  const alarms = firstBlock(planned.alarm_configuration)
  const rollback = firstBlock(planned.auto_rollback_configuration)
  const blueGreen = firstBlock(planned.blue_green_deployment_config)
  const ready = firstBlock(blueGreen?.deployment_ready_option)
  const terminate = firstBlock(blueGreen?.terminate_blue_instances_on_deployment_success)
  const style = firstBlock(planned.deployment_style)
  const service = firstBlock(planned.ecs_service)
  const pair = firstBlock(firstBlock(planned.load_balancer_info)?.target_group_pair_info)
  return {
    applicationName: String(planned.app_name),
    deploymentGroupName: String(planned.deployment_group_name),
    deploymentConfigName: String(planned.deployment_config_name),
    serviceRoleArn: String(planned.service_role_arn),
    alarmConfiguration: {
      enabled: alarms?.enabled === true,
      ignorePollAlarmFailure: alarms?.ignore_poll_alarm_failure === true,
      alarms: stringList(alarms?.alarms).map((name) => ({ name })),
    },
    autoRollbackConfiguration: {
      enabled: rollback?.enabled === true,
      events: stringList(rollback?.events) as NonNullable<
        CreateDeploymentGroupInput['autoRollbackConfiguration']
      >['events'],
    },
    blueGreenDeploymentConfiguration: blueGreen && {
      deploymentReadyOption: {
        actionOnTimeout:
          ready?.action_on_timeout === 'STOP_DEPLOYMENT' ? 'STOP_DEPLOYMENT' : 'CONTINUE_DEPLOYMENT',
        waitTimeInMinutes: Number(ready?.wait_time_in_minutes ?? 0),
      },
      terminateBlueInstancesOnDeploymentSuccess: {
        action: terminate?.action === 'KEEP_ALIVE' ? 'KEEP_ALIVE' : 'TERMINATE',
        terminationWaitTimeInMinutes: Number(terminate?.termination_wait_time_in_minutes ?? 0),
      },
    },
    deploymentStyle: {
      deploymentType: style?.deployment_type === 'BLUE_GREEN' ? 'BLUE_GREEN' : 'IN_PLACE',
      deploymentOption:
        style?.deployment_option === 'WITH_TRAFFIC_CONTROL'
          ? 'WITH_TRAFFIC_CONTROL'
          : 'WITHOUT_TRAFFIC_CONTROL',
    },
    triggerConfigurations: blocks(planned.trigger_configuration).map((trigger) => ({
      triggerName: String(trigger.trigger_name),
      triggerTargetArn: String(trigger.trigger_target_arn),
      triggerEvents: stringList(trigger.trigger_events) as TriggerEventType[],
    })),
    ecsServices: service && [
      { clusterName: String(service.cluster_name), serviceName: String(service.service_name) },
    ],
    loadBalancerInfo: pair && {
      targetGroupPairInfoList: [
        {
          targetGroups: blocks(pair.target_group).map((group) => ({ name: String(group.name) })),
          prodTrafficRoute: { listenerArns: stringList(firstBlock(pair.prod_traffic_route)?.listener_arns) },
          testTrafficRoute: { listenerArns: stringList(firstBlock(pair.test_traffic_route)?.listener_arns) },
        },
      ],
    },
  }
}

/** What was changed of a group outside of Terraform, in Terraform's words. */
export function changedOutside(prior: Attributes, group: Group): Attributes {
  const applied = groupInput(prior)
  const same = (key: keyof CreateDeploymentGroupInput) =>
    JSON.stringify((group as CreateDeploymentGroupInput)[key]) === JSON.stringify(applied[key])
  const { alarmConfiguration: alarms, autoRollbackConfiguration: rollback } = group
  const blueGreen = group.blueGreenDeploymentConfiguration
  const ready = blueGreen?.deploymentReadyOption
  const terminate = blueGreen?.terminateBlueInstancesOnDeploymentSuccess
  return {
    ...(same('deploymentConfigName') ? {} : { deployment_config_name: group.deploymentConfigName }),
    ...(same('serviceRoleArn') ? {} : { service_role_arn: group.serviceRoleArn ?? null }),
    ...(same('alarmConfiguration')
      ? {}
      : {
          alarm_configuration: [
            {
              enabled: alarms?.enabled ?? false,
              alarms: (alarms?.alarms ?? []).map(({ name }) => name ?? ''),
              ignore_poll_alarm_failure: alarms?.ignorePollAlarmFailure ?? false,
            },
          ],
        }),
    ...(same('autoRollbackConfiguration')
      ? {}
      : {
          auto_rollback_configuration: [
            { enabled: rollback?.enabled ?? false, events: [...(rollback?.events ?? [])] },
          ],
        }),
    ...(same('blueGreenDeploymentConfiguration')
      ? {}
      : {
          blue_green_deployment_config: [
            {
              deployment_ready_option: [
                {
                  action_on_timeout: ready?.actionOnTimeout ?? 'CONTINUE_DEPLOYMENT',
                  wait_time_in_minutes: ready?.waitTimeInMinutes ?? 0,
                },
              ],
              terminate_blue_instances_on_deployment_success: [
                {
                  action: terminate?.action ?? 'TERMINATE',
                  termination_wait_time_in_minutes: terminate?.terminationWaitTimeInMinutes ?? 0,
                },
              ],
            },
          ],
        }),
  }
}
