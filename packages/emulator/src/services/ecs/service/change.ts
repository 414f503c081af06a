/** The inputs that create and update a service. */
import type { ServiceRecord } from '../model/model.ts'

export type NewService = Omit<ServiceRecord, 'arn' | 'status' | 'createdAt' | 'createdBy'>

/** The fields that UpdateService can change; an absent field stays unchanged. */
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
