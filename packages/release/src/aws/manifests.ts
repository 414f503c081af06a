/** Reads the manifest that Terraform left in the Parameter Store: all that a release needs to know of the platform. */

import { GetParameterCommand, ParameterNotFound } from '@aws-sdk/client-ssm'
import {
  type JobManifest,
  type MigrationManifest,
  manifestParameter,
  type ServiceManifest,
  type SiteManifest,
} from '@baton/config'
import { ReleaseError } from '../release-error.ts'
import type { Clients } from './clients.ts'

/** Throws `manifest-missing` where the platform has no such service. */
export function serviceManifest(
  clients: Clients,
  platform: string,
  service: string,
): Promise<ServiceManifest> {
  return read(clients, manifestParameter(platform, 'services', service))
}

/** Throws `manifest-missing` where the platform has no such site. */
export function siteManifest(clients: Clients, platform: string, site: string): Promise<SiteManifest> {
  return read(clients, manifestParameter(platform, 'sites', site))
}

/** Throws `manifest-missing` where the platform has no such job. */
export function jobManifest(clients: Clients, platform: string, job: string): Promise<JobManifest> {
  return read(clients, manifestParameter(platform, 'jobs', job))
}

/** Throws `manifest-missing` where the platform has not been applied. */
export function migrationManifest(clients: Clients, platform: string): Promise<MigrationManifest> {
  return read(clients, manifestParameter(platform, 'migration'))
}

async function read<T>(clients: Clients, name: string): Promise<T> {
  try {
    const { Parameter } = await clients.ssm.send(new GetParameterCommand({ Name: name }))
    return JSON.parse(Parameter?.Value ?? '')
  } catch (cause) {
    if (!(cause instanceof ParameterNotFound) && !(cause instanceof SyntaxError)) throw cause
    throw new ReleaseError(
      'manifest-missing',
      `The parameter ${name} is not there, or does not hold a manifest.`,
      'Apply the platform first, and check project, environment and emulator.',
      { cause },
    )
  }
}
