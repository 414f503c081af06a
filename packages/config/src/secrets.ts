/** Which secrets a platform has. Containers of a service share them by name; a job of a service uses the service's. */
import type { Platform } from './platform.ts'
import type { Service } from './service.ts'

/** Names of a service's secrets, each once, those of the main container first. */
export const secretsOf = ({ containers }: Pick<Service, 'containers'>): string[] => [
  ...new Set(containers.flatMap(({ secrets }) => secrets)),
]

/** Who has secrets: a service by its name, a job with an image of its own as `job-<name>`. */
export interface SecretOwner {
  readonly name: string
  readonly secrets: readonly string[]
}

/** All services, and jobs with an image of their own; also those that have no secrets. */
export function secretOwners({ services, jobs }: Pick<Platform, 'services' | 'jobs'>): SecretOwner[] {
  return [
    ...services.map((service) => ({
      name: service.name,
      secrets: [
        ...new Set([
          ...secretsOf(service),
          ...jobs.filter((job) => job.service === service.name).flatMap((job) => job.container.secrets),
        ]),
      ],
    })),
    ...jobs
      .filter(({ service }) => service === undefined)
      .map((job) => ({ name: `job-${job.name}`, secrets: job.container.secrets })),
  ]
}
