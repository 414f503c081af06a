/**
 * Triggers of deployment groups: a notification to an SNS topic when a deployment starts, is ready, succeeds, fails, is
 * stopped, or is rolled back.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-sns-event-notifications.html
 */
import type { DeploymentStatus, TriggerConfig, TriggerEventType } from '@aws-sdk/client-codedeploy'
import type { EmulatorContext } from '../../../service.ts'
import type { Sns } from '../../sns/contract.ts'
import { type Deployment, targetStatusOf } from './model.ts'

/** Publishes to a topic; false when there is none. */
export type Publish = Sns['publish']

const eventOf: Readonly<Partial<Record<DeploymentStatus, TriggerEventType>>> = {
  Created: 'DeploymentStart',
  Ready: 'DeploymentReady',
  Succeeded: 'DeploymentSuccess',
  Failed: 'DeploymentFailure',
  Stopped: 'DeploymentStop',
}

/** Notifies the triggers that the deployment has reached its present status. */
export function notify(
  { region, accountId, events }: Pick<EmulatorContext, 'region' | 'accountId' | 'events'>,
  publish: Publish,
  triggers: readonly TriggerConfig[],
  deployment: Deployment,
): void {
  const event = eventOf[deployment.status]
  const happened = [
    event,
    event === 'DeploymentStart' && deployment.creator === 'codeDeployRollback'
      ? ('DeploymentRollback' as const)
      : undefined,
  ].filter((each) => each !== undefined)
  for (const { triggerName = '', triggerTargetArn = '', triggerEvents = [] } of triggers) {
    for (const of of happened.filter((each) => triggerEvents.includes(each))) {
      const message = JSON.stringify(messageOf(deployment, { region, accountId, triggerName }))
      const subject = `${of}: AWS CodeDeploy ${deployment.id} in ${region} to ${deployment.applicationName}`
      if (publish(triggerTargetArn, subject.slice(0, 99), message)) continue
      events.emit('baton.codedeploy', 'CodeDeploy Trigger Failure', {
        deploymentId: deployment.id,
        triggerName,
        message: `The topic ${triggerTargetArn} does not exist.`,
      })
    }
  }
}

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-sns-event-notifications-json-format.html */
function messageOf(
  deployment: Deployment,
  { region, accountId, triggerName }: { region: string; accountId: string; triggerName: string },
) {
  const status = targetStatusOf(deployment)
  const count = (one: string) => (status === one ? '1' : '0')
  return {
    region,
    accountId,
    eventTriggerName: triggerName,
    applicationName: deployment.applicationName,
    deploymentId: deployment.id,
    deploymentGroupName: deployment.deploymentGroupName,
    createTime: seconds(deployment.createdAt),
    ...(deployment.completedAt === undefined ? {} : { completeTime: seconds(deployment.completedAt) }),
    deploymentOverview: {
      Failed: count('Failed'),
      InProgress: count('InProgress'),
      Pending: count('Pending'),
      Skipped: count('Skipped'),
      Succeeded: count('Succeeded'),
    },
    status: deployment.status,
    ...(deployment.error === undefined
      ? {}
      : {
          errorInformation: { ErrorCode: deployment.error.code, ErrorMessage: deployment.error.message },
        }),
    ...(deployment.rollback === undefined
      ? {}
      : {
          rollbackInformation: {
            RollbackDeploymentId: deployment.rollback.deploymentId,
            RollbackTriggeringDeploymentId: deployment.rollback.triggeringDeploymentId,
            RollbackMessage: deployment.rollback.message,
          },
        }),
  }
}

/** `1446744188.595`. */
const seconds = (at: number) => (at / 1000).toFixed(3)
