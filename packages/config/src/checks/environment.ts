/** Variables of containers: none that the platform sets, none twice, and references to what there is. */
import type { Platform } from '../platform.ts'
import type { Problem } from '../problems.ts'
import type { Container, EnvironmentValue } from '../service.ts'
import { didYouMean } from '../suggest.ts'
import type { Check } from './check.ts'

/** What the main container of a service with a database gets, and what every container with a port gets. */
const databaseVariables = ['PGHOST', 'PGPORT', 'PGDATABASE', 'PGSSLMODE', 'PGUSER', 'PGPASSWORD']

interface Place {
  readonly path: string
  readonly container: Pick<Container, 'environment' | 'secrets'>
  /** Variables that the platform sets. */
  readonly own: readonly string[]
  readonly database: boolean
  /** Whether it logs in with the master user, whose password RDS keeps. */
  readonly master: boolean
}

export const checkEnvironment: Check = (platform, input) =>
  places(platform, input).flatMap((place) => [
    ...ownProblems(place),
    ...secretProblems(place),
    ...referenceProblems(platform, place),
  ])

function places(platform: Platform, input: Parameters<Check>[1]): Place[] {
  const { migrations } = platform.database ?? {}
  return [
    ...platform.services.flatMap((service) =>
      service.containers.map((container, index): Place => {
        const main = index === 0
        return {
          path: `services.${service.name}${main ? '' : `.containers.${container.name}`}`,
          container,
          own: [
            ...portVariables(container),
            ...(main ? ['LOG_DIR'] : []),
            ...(main && service.database ? databaseVariables : []),
          ],
          database: service.database,
          master: false,
        }
      }),
    ),
    ...platform.jobs.map((job): Place => {
      const { environment = {}, secrets = [] } = input.jobs[job.name] ?? {}
      return {
        path: `jobs.${job.name}`,
        container: { environment, secrets },
        own: ['LOG_DIR', ...(job.database ? databaseVariables : [])],
        database: job.database,
        master: false,
      }
    }),
    ...(migrations === undefined
      ? []
      : [
          {
            path: 'database.migrations',
            container: { environment: migrations.environment, secrets: [] },
            own: databaseVariables,
            database: true,
            master: true,
          },
        ]),
  ]
}

const portVariables = ({ port, image }: Container) =>
  port === undefined ? [] : image.kind === 'jar' ? ['PORT', 'SERVER_PORT'] : ['PORT']

const ownProblems = ({ path, container, own }: Place): Problem[] =>
  Object.keys(container.environment)
    .filter((name) => own.includes(name))
    .map((name) => ({
      path: `${path}.environment.${name}`,
      message: `${name} is set by the platform`,
      fix: 'Remove it, or use another name.',
    }))

function secretProblems({ path, container, own }: Place): Problem[] {
  const { environment, secrets } = container
  return secrets.flatMap((name, index): Problem[] => {
    const at = `${path}.secrets.${index}`
    if (own.includes(name)) {
      return [{ path: at, message: `${name} is set by the platform`, fix: 'Use another name.' }]
    }
    if (name in environment) {
      return [{ path: at, message: `${name} is in environment too`, fix: 'Keep one of the two.' }]
    }
    return secrets.findIndex((other) => other.toLowerCase() === name.toLowerCase()) === index
      ? []
      : [{ path: at, message: `${name} is named twice`, fix: 'Name each secret once.' }]
  })
}

const referenceProblems = (platform: Platform, place: Place): Problem[] =>
  Object.entries(place.container.environment).flatMap(([name, value]) => {
    const path = `${place.path}.environment.${name}`
    return referenceProblem(platform, place, value).map((problem) => ({ path, ...problem }))
  })

function referenceProblem(
  platform: Platform,
  { database, master }: Place,
  value: EnvironmentValue,
): Omit<Problem, 'path'>[] {
  if (typeof value === 'string') return []
  const { from } = value
  if (from.startsWith('database.')) {
    if (platform.database === undefined) {
      return [{ message: `the platform has no database for ${from}`, fix: 'Describe one: database: { … }.' }]
    }
    if (!database) {
      return [{ message: `${from} is of a database that is turned off here`, fix: 'Write database: true.' }]
    }
    if (from !== 'database.url' || !master) return []
    return [
      {
        message: 'RDS keeps the password of the master user, and keeps it apart from the address',
        fix: 'Use database.jdbcUrl or .host, .port and .name, with database.username and .password.',
      },
    ]
  }
  if (from === 'logs.directory') {
    if (!master) return []
    return [{ message: 'the migration has no log files', fix: 'Let it print what it does.' }]
  }
  const [kind = '', name = ''] = from.split('.')
  const named = kind === 'sites' ? platform.sites : platform.services
  const names = named.map((each) => each.name)
  if (!names.includes(name)) {
    const fix = didYouMean(name, names, `Name one of: ${names.join(', ')}.`)
    return [{ message: `there is no ${kind.slice(0, -1)} "${name}"`, fix }]
  }
  const service = platform.services.find((each) => each.name === name)
  if (kind === 'sites' || (service?.traffic?.hosts.length ?? 0) > 0) return []
  return [{ message: `${name} has no host: no site sends requests to it`, fix: 'Name a service of a site.' }]
}
