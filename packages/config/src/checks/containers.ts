/** The containers of a service: names, ports, the order of their start, and their share of the task. */
import type { Problem } from '../problems.ts'
import type { Container, Service } from '../service.ts'
import { didYouMean } from '../suggest.ts'
import type { Check } from './check.ts'

export const checkContainers: Check = (platform, input) =>
  platform.services.flatMap((service) => {
    const written = input.services[service.name]
    return [
      ...nameProblems(service, Object.keys(written?.containers ?? {})),
      ...trafficProblems(service, written?.traffic, written ?? {}),
      ...portProblems(service),
      ...service.containers.flatMap((container) => dependencyProblems(service, container)),
      ...circleProblems(service),
      ...shareProblems(service),
    ].map((problem) => ({ ...problem, path: `services.${service.name}${problem.path}` }))
  })

/** Place of a container's option below its service. */
const at = (service: Service, container: Container, option: string) =>
  container.name === service.name ? `.${option}` : `.containers.${container.name}.${option}`

const nameProblems = ({ name }: Service, others: readonly string[]): Problem[] =>
  others.includes(name)
    ? [
        {
          path: `.containers.${name}`,
          message: 'the main container has this name already',
          fix: 'Use another name.',
        },
      ]
    : []

const onlyWithTraffic = ['traffic', 'paths', 'stickinessSeconds', 'health'] as const

function trafficProblems(
  service: Service,
  traffic: string | undefined,
  written: Readonly<Partial<Record<(typeof onlyWithTraffic)[number], unknown>>>,
): Problem[] {
  if (service.traffic === undefined) {
    return onlyWithTraffic
      .filter((option) => written[option] !== undefined)
      .map((option) => ({
        path: `.${option}`,
        message: 'a worker takes no traffic',
        fix: `Remove ${option}, or worker.`,
      }))
  }
  const names = service.containers.map(({ name }) => name)
  if (traffic !== undefined && !names.includes(traffic)) {
    const fix = didYouMean(traffic, names, `Name one of: ${names.join(', ')}.`)
    return [{ path: '.traffic', message: `there is no container "${traffic}"`, fix }]
  }
  const taker = service.containers.find(({ name }) => name === service.traffic?.container)
  if (taker === undefined || taker.port !== undefined) return []
  return [
    {
      path: at(service, taker, 'port'),
      message: 'the container takes the traffic, and nothing says on which port it listens',
      fix: 'Add port, e.g. port: 8080; or write worker: true if nothing calls the service.',
    },
  ]
}

/** The containers of a task share its address, and so its ports. */
function portProblems(service: Service): Problem[] {
  return service.containers.flatMap((container, index) => {
    const { port } = container
    const other = service.containers.slice(0, index).find((each) => port !== undefined && each.port === port)
    if (other === undefined) return []
    return [
      {
        path: at(service, container, 'port'),
        message: `the container ${other.name} listens on ${port} too, and the containers of a task share its address`,
        fix: 'Use another port.',
      },
    ]
  })
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html */
function dependencyProblems(service: Service, container: Container): Problem[] {
  const names = service.containers.map(({ name }) => name)
  return Object.entries(container.dependsOn).flatMap(([name, condition]): Problem[] => {
    const path = at(service, container, `dependsOn.${name}`)
    const other = service.containers.find((each) => each.name === name)
    if (other === undefined) {
      const fix = didYouMean(name, names, `Name one of: ${names.join(', ')}.`)
      return [{ path, message: `there is no container "${name}"`, fix }]
    }
    if (condition === 'HEALTHY' && other.healthCheck === undefined) {
      return [
        {
          path,
          message: `${name} has no health check, and so is never HEALTHY`,
          fix: `Add one: ${at(service, other, 'healthCheck').slice(1)}: { command: ['CMD', …] }. The load balancer's (health) does not count.`,
        },
      ]
    }
    if (other.essential && (condition === 'COMPLETE' || condition === 'SUCCESS')) {
      return [
        {
          path,
          message: `${name} is essential: the task stops when it ends`,
          fix:
            other.name === service.name
              ? 'Use START or HEALTHY.'
              : `Write essential: false for ${name}, or use START or HEALTHY.`,
        },
      ]
    }
    return []
  })
}

/** Reports each circle once, at the container of it that comes first. */
function circleProblems(service: Service): Problem[] {
  const order = service.containers.map(({ name }) => name)
  const next = new Map(service.containers.map(({ name, dependsOn }) => [name, Object.keys(dependsOn)]))
  return service.containers.flatMap((container) => {
    const circle = wayBack(container.name, next)
    if (circle === undefined) return []
    const first = order.find((name) => circle.includes(name))
    if (first !== container.name) return []
    return [
      {
        path: at(service, container, 'dependsOn'),
        message: `the containers wait for each other: ${circle.join(' → ')}`,
        fix: 'Remove one of these dependencies.',
      },
    ]
  })
}

/** The shortest way from a container over its dependencies to itself. */
function wayBack(start: string, next: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const seen = new Set<string>()
  let ways: string[][] = [[start]]
  while (ways.length > 0) {
    const longer = ways.flatMap((way) => (next.get(way.at(-1) ?? '') ?? []).map((name) => [...way, name]))
    const found = longer.find((way) => way.at(-1) === start)
    if (found !== undefined) return found
    ways = longer.filter((way) => {
      const last = way.at(-1) ?? ''
      return !seen.has(last) && seen.add(last)
    })
  }
  return undefined
}

function shareProblems(service: Service): Problem[] {
  const sum = (option: 'cpu' | 'memoryMiB') =>
    service.containers.reduce((total, container) => total + (container[option] ?? 0), 0)
  return (['memoryMiB', 'cpu'] as const).flatMap((option) => {
    const total = sum(option)
    if (total <= service[option]) return []
    const unit = option === 'cpu' ? 'CPU units' : 'MiB'
    return [
      {
        path: `.${option}`,
        message: `the task has ${service[option]} ${unit}, and its containers ask for ${total}`,
        fix: `Raise it, or lower ${option} of the containers.`,
      },
    ]
  })
}
