/** Container definitions of a task definition: what the rules ask of them. */
import type { Resource } from './block.ts'

export interface Container {
  readonly name: string
  readonly image: string
  readonly ports: readonly number[]
  readonly environment: ReadonlyMap<string, string>
  readonly stopTimeout: number | undefined
  readonly hasLog: boolean
}

/** Undefined where the definitions are not written down. */
export function containersOf(taskDefinition: Resource): Container[] | undefined {
  const definitions = taskDefinition.embedded('container_definitions')
  if (!Array.isArray(definitions)) return undefined
  return definitions.map((definition) => {
    const { name, image, portMappings = [], environment = [], stopTimeout, logConfiguration } = definition
    return {
      name: String(name),
      image: String(image ?? ''),
      ports: list(portMappings).map(({ containerPort }) => Number(containerPort)),
      environment: new Map(
        list(environment).map((variable) => [String(variable.name), String(variable.value)]),
      ),
      stopTimeout: stopTimeout === undefined ? undefined : Number(stopTimeout),
      hasLog: logConfiguration !== undefined,
    }
  })
}

const list = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value : []
