/**
 * Secrets Manager: secrets with versions and stages, random passwords, and the secrets that RDS manages.
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import * as sdk from '@aws-sdk/client-secrets-manager'
import type { EmulatorContext } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import type { SecretsManager } from './contract.ts'
import { CURRENT, versionAt } from './model.ts'
import { createOperations } from './operations.ts'
import { createDataSourceTypes, createEphemeralTypes, createResourceTypes } from './resources.ts'
import { createState } from './state.ts'

export function createSecretsManager(context: EmulatorContext): SecretsManager {
  const secrets = createState(context)
  const { now } = context.clock
  return {
    name: 'secretsmanager',
    behaviours,
    resourceTypes: createResourceTypes(secrets, now),
    dataSourceTypes: createDataSourceTypes(secrets),
    ephemeralTypes: createEphemeralTypes(secrets),
    api: {
      signingName: 'secretsmanager',
      protocol: 'json-1.1',
      sdk,
      operations: createOperations(secrets, now),
    },
    secretString(secretId, { stage, versionId } = {}) {
      const secret = secrets.get(secretId)
      if (!secret || secret.deletion) return undefined
      const version = secret.versions[versionId ?? versionAt(secret.versions, stage ?? CURRENT) ?? '']
      // Where both are given, they must name the same version.
      if (!version || (stage !== undefined && !version.stages.includes(stage))) return undefined
      return 'string' in version.value ? version.value.string : undefined
    },
    manage({ name, secretString, owningService }) {
      const secret = secrets.get(name) ?? secrets.create({ name, owningService })
      return secrets.put(secret, { string: secretString }).secret.arn
    },
    remove(secretId) {
      const secret = secrets.get(secretId)
      if (secret) secrets.remove(secret.arn)
    },
  }
}
