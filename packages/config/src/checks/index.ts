/**
 * All checks, in the order in which their problems are reported. A check is about options that are unusable or
 * contradict each other in their own words; it names the path of an option, before anything is synthesized. What is
 * about the Terraform is a rule of `baton check` (`@baton/infra`, check/rules). Limits of AWS that both need are
 * stated once, in `../limits`: docs/decisions/0027-one-rule-in-one-place.md.
 */
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
