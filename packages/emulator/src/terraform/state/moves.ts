/** `moved` and `removed` blocks, and the moves that Terraform makes by itself when `count` comes or goes. */
import type { Configuration } from '../model/configuration.ts'
import type { Diagnostics } from '../model/diagnostics.ts'
import type { StateInstance } from './state.ts'
import { instanceAddress } from './state.ts'

interface Endpoint {
  readonly resource: string
  readonly key: string | number | null
}

/** The state under its new addresses; `moves` are those that changed. */
export function moveInstances(
  stored: readonly StateInstance[],
  configuration: Configuration,
  diagnostics: Diagnostics,
): { instances: Map<string, StateInstance>; moves: { from: string; to: string }[] } {
  const instances = new Map(stored.map((instance) => [instance.address, instance]))
  const origins = new Map<string, string>()
  const move = (instance: StateInstance, to: Endpoint) => {
    const address = instanceAddress(to.resource, to.key)
    if (instances.has(address)) {
      diagnostics.warn(
        { address },
        'Not moved',
        `${instance.address} would move here, where there is an instance already.`,
      )
      return
    }
    instances.delete(instance.address)
    instances.set(address, { ...instance, address, resource: to.resource, key: to.key })
    origins.set(address, origins.get(instance.address) ?? instance.address)
    origins.delete(instance.address)
  }
  for (const { from, to } of configuration.moved) {
    const [source, target] = [parseEndpoint(from), parseEndpoint(to)]
    if (source === undefined || target === undefined) {
      diagnostics.error(
        { address: from },
        'This move is not rehearsed',
        'Both ends must be addresses such as aws_vpc.main.',
      )
      continue
    }
    const isWhole = !from.endsWith(']') && !to.endsWith(']')
    for (const instance of [...instances.values()]) {
      if (instance.resource !== source.resource || (!isWhole && instance.key !== source.key)) continue
      move(instance, isWhole ? { resource: target.resource, key: instance.key } : target)
    }
  }
  for (const instance of [...instances.values()]) {
    const block = configuration.resources.get(instance.resource)
    const counted = block?.count !== undefined && block.count !== null
    const repeated = counted || (block?.forEach !== undefined && block.forEach !== null)
    if (counted && instance.key === null) move(instance, { resource: instance.resource, key: 0 })
    else if (block !== undefined && !repeated && instance.key === 0)
      move(instance, { resource: instance.resource, key: null })
  }
  return { instances, moves: [...origins].map(([to, from]) => ({ from, to })) }
}

/** `aws_vpc.main`, `aws_vpc.main[0]`, `aws_vpc.main["a"]`. */
function parseEndpoint(address: string): Endpoint | undefined {
  const match = /^(?<resource>[^.[\]]+\.[^.[\]]+)(?:\[(?:(?<index>\d+)|"(?<key>[^"]*)")\])?$/.exec(
    address,
  )?.groups
  if (match?.resource === undefined) return undefined
  const key = match.key ?? (match.index === undefined ? null : Number(match.index))
  return { resource: match.resource, key }
}
