/** Elastic Load Balancing's Terraform types; `read` shows what deployments and the API have changed. */
import type { ResourceType } from '../../terraform/type/resource-type.ts'
import type { Elbv2Context } from './model/context.ts'
import { listenerCertificateType, listenerType } from './resources/listener.ts'
import { listenerRuleType } from './resources/listener-rule.ts'
import { loadBalancerType } from './resources/load-balancer.ts'
import { targetGroupAttachmentType, targetGroupType } from './resources/target-group.ts'

export { createDataSourceTypes } from './resources/data-sources.ts'

export const createResourceTypes = (env: Elbv2Context): ResourceType[] => [
  loadBalancerType(env),
  listenerType(env),
  listenerCertificateType(env),
  listenerRuleType(env),
  targetGroupType(env),
  targetGroupAttachmentType(env),
]
