/**
 * A resource type as a service's API goes through it: what the type computes and refuses is computed and refused for both
 * doors, Terraform's and the API's. For types whose documents have their attributes, and that are made at once.
 */
import { AwsError } from '../../aws-error.ts'
import type { ApplyContext, Attributes, ResourceType } from './resource-type.ts'

export interface Door {
  create(given: Attributes): Attributes
  change(id: string, change: Attributes): Attributes
  delete(id: string): void
}

/** The door of a resource type whose documents have its attributes. */
export function doorOf(
  emulator: { readonly region: string; readonly accountId: string },
  types: readonly ResourceType[],
  name: string,
  find: (id: string) => Attributes,
): Door {
  const type = types.find((one) => one.type === name)
  if (type === undefined) throw new Error(`there is no resource type ${name}`)
  const context: ApplyContext = {
    address: name,
    region: emulator.region,
    accountId: emulator.accountId,
    folder: '',
    signal: new AbortController().signal,
  }
  const defaults = Object.fromEntries(
    Object.entries(type.attributes).flatMap(([attribute, { default: value }]) =>
      value === undefined ? [] : [[attribute, value]],
    ),
  )
  return {
    create(given) {
      const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
      return asWireError(() => at(type.create({ ...defaults, ...known }, context)))
    },
    change: (id, change) =>
      asWireError(() => at(type.update?.({ ...find(id), ...change }, find(id), context))),
    delete: (id) => void type.delete?.(find(id), context),
  }
}

function at(made: Attributes | Promise<Attributes> | undefined): Attributes {
  if (made === undefined || made instanceof Promise)
    throw new Error('a type with a door makes its documents at once')
  return made
}

/** What a resource type refuses begins with AWS's code, where AWS refuses it too: `RouteAlreadyExists: …`. */
function asWireError<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const [, code, message] =
      /^(\w+(?:\.\w+)*): (.*)$/s.exec(error instanceof Error ? error.message : '') ?? []
    if (code === undefined || message === undefined) throw error
    throw new AwsError(code, message)
  }
}
