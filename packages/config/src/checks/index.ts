/** All checks, in the order in which their problems are told. */
import type { Check } from './check.ts'
import { checkDatabase } from './database.ts'
import { checkDelivery } from './delivery.ts'
import { checkHosts, checkServiceHosts, checkSiteServices } from './hosts.ts'
import { checkNames } from './names.ts'
import { checkAddresses, checkRegion, checkZones } from './network.ts'
import { checkPaths } from './paths.ts'
import { checkServices } from './services.ts'

export const checks: readonly Check[] = [
  checkRegion,
  checkZones,
  checkAddresses,
  checkHosts,
  checkSiteServices,
  checkServiceHosts,
  checkNames,
  checkPaths,
  checkServices,
  checkDatabase,
  checkDelivery,
]
