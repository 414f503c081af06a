/** The repositories of a platform's images: one per container of a service, per job, and one for the migrations. */
import {
  containerRepositoryName,
  jobPart,
  migrationsRepositoryName,
  type Platform,
  repositoryName,
  type Service,
} from '@baton/config'

export interface ImageRepository {
  /** Id of its resources. */
  readonly id: string
  readonly name: string
}

/** Those of a service, by the container's name; the main one is the first. */
export const serviceRepositories = (platform: Platform, service: Service): Map<string, ImageRepository> =>
  new Map(
    service.containers.map(({ name }, index) => [
      name,
      index === 0
        ? { id: service.name, name: repositoryName(platform, service.name) }
        : {
            id: `${service.name}_${name}`,
            name: containerRepositoryName(platform, service.name, name),
          },
    ]),
  )

/** That of a job with an image of its own. */
export const jobRepository = (platform: Platform, job: string): ImageRepository => ({
  id: `job_${job}`,
  name: repositoryName(platform, jobPart(job)),
})

export const migrationsRepository = (platform: Platform): ImageRepository => ({
  id: 'migrations',
  name: migrationsRepositoryName(platform),
})

export const imageRepositories = (platform: Platform): ImageRepository[] => [
  ...platform.services.flatMap((service) => [...serviceRepositories(platform, service).values()]),
  ...platform.jobs
    .filter(({ service }) => service === undefined)
    .map(({ name }) => jobRepository(platform, name)),
  ...(platform.database === undefined ? [] : [migrationsRepository(platform)]),
]
