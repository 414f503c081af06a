/** All rules, by theme, in the order in which people read their findings. */
import type { Rule } from './finding.ts'
import { alarmRules } from './rules/alarms.ts'
import { bucketRules } from './rules/buckets.ts'
import { certificateRules } from './rules/certificates.ts'
import { connectionRules } from './rules/connections.ts'
import { coverageRules } from './rules/coverage.ts'
import { encryptionRules } from './rules/encryption.ts'
import { exposureRules } from './rules/exposure.ts'
import { fargateRules } from './rules/fargate.ts'
import { imageRules } from './rules/images.ts'
import { layoutRules } from './rules/layout.ts'
import { nameRules } from './rules/names.ts'
import { permissionRules } from './rules/permissions.ts'
import { protectionRules } from './rules/protection.ts'
import { quotaRules } from './rules/quotas.ts'
import { routingRules } from './rules/routing.ts'
import { secretRules } from './rules/secrets.ts'
import { timingRules } from './rules/timing.ts'
import { transportRules } from './rules/transport.ts'

export const rules: readonly Rule[] = [
  ...exposureRules,
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
  ...imageRules,
  ...protectionRules,
  ...fargateRules,
  ...nameRules,
  ...quotaRules,
  ...coverageRules,
]
