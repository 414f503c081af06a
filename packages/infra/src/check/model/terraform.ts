/**
 * The synthesized stacks as resources with an address, and the references between them. References are looked up
 * within a stack; a resource of another stack is found by its name, as the `data` blocks do.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Body, createBlock, type Resource, type Scope } from './block.ts'

export interface Terraform {
  /** Everything, in the order of the files. */
  readonly resources: readonly Resource[]
  /** Names of the modules of the stacks; their content is not read. */
  readonly modules: readonly { readonly stack: string; readonly name: string }[]
  /** Managed resources of the given types. */
  all(...types: string[]): Resource[]
  /** Data sources of a type. */
  data(type: string): Resource[]
  /** Resources of a type that refer to this one in the given argument. */
  pointingAt(target: Resource, type: string, ...path: string[]): Resource[]
  /** AWS region of a stack's provider, where it is written down. */
  region(stack: string): string | undefined
}

export interface StackJson {
  readonly name: string
  readonly json: Body
}

/** What lies where a synthesized stack should be is none. */
class StackFileError extends Error {
  readonly fix = 'Write it again: baton synth --out FOLDER.'
  constructor(file: string, what: string, options?: ErrorOptions) {
    super(`${file} ${what}.`, options)
    this.name = 'StackFileError'
  }
}

/** Reads `cdk.tf.json` of each folder. Throws `StackFileError`. */
export const readStacks = (stacks: readonly { readonly name: string; readonly folder: string }[]) =>
  Promise.all(
    stacks.map(async ({ name, folder }): Promise<StackJson> => {
      const file = join(folder, 'cdk.tf.json')
      return { name, json: parse(file, await readFile(file, 'utf8')) }
    }),
  )

function parse(file: string, text: string): Body {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new StackFileError(file, `is no JSON: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Body
  throw new StackFileError(file, 'holds no Terraform')
}

export function createTerraform(stacks: readonly StackJson[]): Terraform {
  const resources = stacks.flatMap(resourcesOf)
  const byType = Map.groupBy(resources, ({ kind, type }) => `${kind} ${type}`)
  const all = (...types: string[]) => types.flatMap((type) => byType.get(`resource ${type}`) ?? [])
  return {
    resources,
    modules: stacks.flatMap(({ name: stack, json }) =>
      Object.keys(object(json.module)).map((name) => ({ stack, name })),
    ),
    all,
    data: (type) => byType.get(`data ${type}`) ?? [],
    pointingAt: (target, type, ...path) =>
      all(type).filter((each) => each.stack === target.stack && each.references(...path).includes(target)),
    region(stack) {
      const json = stacks.find(({ name }) => name === stack)?.json ?? {}
      const provider = createBlock(object(json.provider), nothing)
      return provider.text('aws', 'region')
    },
  }
}

const nothing: Scope = { find: () => undefined, value: () => undefined }

const object = (value: unknown): Body => (typeof value === 'object' && value !== null ? { ...value } : {})

function resourcesOf({ name: stack, json }: StackJson): Resource[] {
  const found = new Map<string, Resource>()
  const locals = object(json.locals)
  const scope: Scope = {
    find: (address) => found.get(address),
    value(name) {
      const [kind, id = ''] = name.split('.')
      return kind === 'local' ? locals[id] : object(object(json.variable)[id]).default
    },
  }
  for (const kind of ['data', 'ephemeral', 'resource'] as const) {
    for (const [type, bodies] of Object.entries(object(json[kind]))) {
      for (const [id, value] of Object.entries(object(bodies))) {
        const body = object(value)
        if (body.count === 0) continue
        const address = `${kind === 'resource' ? '' : `${kind}.`}${type}.${id}`
        found.set(address, { ...createBlock(body, scope), stack, address, kind, type, id })
      }
    }
  }
  return [...found.values()]
}
