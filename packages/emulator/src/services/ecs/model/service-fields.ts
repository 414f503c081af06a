/** Which fields of a service a deployment deploys, and whether two versions of a service differ in some of them. */
import type { ServiceRecord } from './model.ts'

/** A change of one of these starts a deployment, and a rollback restores all of them. */
export const deployedFields = [
  'taskDefinitionArn',
  'loadBalancers',
  'network',
  'platformVersion',
  'capacityProviderStrategy',
  'enableExecuteCommand',
] as const satisfies readonly (keyof ServiceRecord)[]

export const differs = (
  a: ServiceRecord,
  b: ServiceRecord,
  fields: readonly (keyof ServiceRecord)[],
): boolean => fields.some((field) => JSON.stringify(a[field]) !== JSON.stringify(b[field]))

/** The service with what `source` deployed. */
export const restored = (service: ServiceRecord, source: ServiceRecord): ServiceRecord => ({
  ...service,
  ...Object.fromEntries(deployedFields.map((field) => [field, source[field]])),
})
