/** A service as callers ask for it. */
import type { ServiceRecord } from '../model/model.ts'

export type NewService = Omit<ServiceRecord, 'arn' | 'status' | 'createdAt' | 'createdBy'>

/** What UpdateService may change; what is absent stays. */
export type ServiceChange = Partial<
  Pick<
    ServiceRecord,
    | 'desiredCount'
    | 'taskDefinitionArn'
    | 'loadBalancers'
    | 'network'
    | 'gracePeriodSeconds'
    | 'minimumHealthyPercent'
    | 'maximumPercent'
    | 'circuitBreaker'
    | 'alarms'
    | 'platformVersion'
    | 'propagateTags'
    | 'enableEcsManagedTags'
    | 'enableExecuteCommand'
    | 'capacityProviderStrategy'
    | 'tags'
  >
> & { readonly forceNewDeployment?: boolean }
