/**
 * All checks, in the order in which their problems are reported. A check is about options that are unusable or
 * contradict each other in their own words; it names the path of an option, before anything is synthesized. What is
 * about the Terraform is a rule of `baton check` (`@baton/infra`, check/rules). Limits of AWS that both need are
 * stated once, in `../limits`: docs/decisions/0027-one-rule-in-one-place.md.
 */
import type { Check } from './check.ts'
import { checkContainers } from './containers.ts'
import { checkDatabase } from './database.ts'
import { checkDelivery } from './delivery.ts'
import { checkEnvironment } from './environment.ts'
import { checkHosts, checkServiceHosts, checkSiteServices } from './hosts.ts'
import { checkImages } from './images.ts'
import { checkJobs } from './jobs.ts'
import { checkNames } from './names.ts'
import { checkAddresses, checkRegion, checkZones } from './network.ts'
import { checkPaths } from './paths.ts'
import { checkServices } from './services.ts'
import { checkTraffic } from './traffic.ts'

export const checks: readonly Check[] = [
  checkRegion,
  checkZones,
  checkAddresses,
  checkHosts,
  checkSiteServices,
  checkServiceHosts,
  checkNames,
  checkImages,
  checkPaths,
  checkServices,
  checkContainers,
  checkTraffic,
  checkEnvironment,
  checkJobs,
  checkDatabase,
  checkDelivery,
]
