/**
 * Whether two texts of `container_definitions` describe the same containers. ECS adds defaults and sorts unordered
 * lists, so the provider ignores both in the comparison before it plans a new revision.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
 */
export function sameContainers(a: string, b: string): boolean {
  try {
    return reduced(JSON.parse(a)) === reduced(JSON.parse(b))
  } catch {
    return false
  }
}

type Container = Readonly<Record<string, unknown>>

const reduced = (containers: unknown) =>
  JSON.stringify(withoutEmpty((Array.isArray(containers) ? containers : [containers]).map(reduce)))

function reduce(container: Container): Container {
  const { essential, cpu, environment, secrets, portMappings, ...rest } = container
  return {
    ...rest,
    essential: essential ?? true,
    cpu: cpu === 0 ? undefined : cpu,
    environment: byName(environment),
    secrets: byName(secrets),
    portMappings: list(portMappings).map(({ hostPort, protocol, ...mapping }) => ({
      ...mapping,
      // In awsvpc mode the host port is always the container port.
      hostPort: hostPort === 0 || hostPort === mapping.containerPort ? undefined : hostPort,
      protocol: protocol === 'tcp' ? undefined : protocol,
    })),
  }
}

const list = (value: unknown): Container[] => (Array.isArray(value) ? value : [])

const byName = (value: unknown) =>
  list(value).toSorted((a, b) =>
    String(a.name) < String(b.name) ? -1 : String(a.name) > String(b.name) ? 1 : 0,
  )

/** Without nulls, empty lists and empty objects, and with sorted keys. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value)
    .map(([key, item]): [string, unknown] => [key, withoutEmpty(item)])
    .filter(([, item]) => !isEmpty(item))
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const isEmpty = (value: unknown) =>
  value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0)
