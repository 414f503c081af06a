/**
 * All rules, by theme, in the order in which people read their findings. A rule is about the Terraform, from either
 * source: the constructs, or `baton.infra.ts`. What is about options of the configuration is a check of
 * `@baton/config` (checks). Limits of AWS that both need are stated once, in its `limits`:
 * docs/decisions/0027-one-rule-in-one-place.md.
 */
import type { Rule } from './model/finding.ts'
import { alarmRules } from './rules/delivery/alarms.ts'
import { imageRules } from './rules/delivery/images.ts'
import { rollingRules } from './rules/delivery/rolling.ts'
import { routingRules } from './rules/delivery/routing.ts'
import { timingRules } from './rules/delivery/timing.ts'
import { connectionRules } from './rules/network/connections.ts'
import { layoutRules } from './rules/network/layout.ts'
import { coverageRules } from './rules/operation/coverage.ts'
import { fargateRules } from './rules/operation/fargate.ts'
import { jobRules } from './rules/operation/jobs.ts'
import { nameRules } from './rules/operation/names.ts'
import { protectionRules } from './rules/operation/protection.ts'
import { quotaRules } from './rules/operation/quotas.ts'
import { bucketRules } from './rules/security/buckets.ts'
import { certificateRules } from './rules/security/certificates.ts'
import { encryptionRules } from './rules/security/encryption.ts'
import { exposureRules } from './rules/security/exposure.ts'
import { fileSystemRules } from './rules/security/file-systems.ts'
import { originRules } from './rules/security/origins.ts'
import { permissionRules } from './rules/security/permissions.ts'
import { secretRules } from './rules/security/secrets.ts'
import { transportRules } from './rules/security/transport.ts'

export const rules: readonly Rule[] = [
  ...exposureRules,
  ...originRules,
  ...fileSystemRules,
  ...bucketRules,
  ...permissionRules,
  ...secretRules,
  ...encryptionRules,
  ...transportRules,
  ...certificateRules,
  ...layoutRules,
  ...connectionRules,
  ...routingRules,
  ...timingRules,
  ...alarmRules,
  ...rollingRules,
  ...imageRules,
  ...protectionRules,
  ...fargateRules,
  ...jobRules,
  ...nameRules,
  ...quotaRules,
  ...coverageRules,
]
