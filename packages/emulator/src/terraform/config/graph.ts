/**
 * Who needs whom: resources, data sources, ephemeral values and locals, by the references in their expressions
 * and by `depends_on`. The order is topological and otherwise that of the folder.
 */

import { referencesIn, referencesOf } from '../expression/references.ts'
import { parseExpression } from '../hcl/expression.ts'
import type { ReferenceNode } from '../hcl/syntax.ts'
import type { Configuration, ResourceBlock } from '../model/configuration.ts'
import type { Diagnostics } from '../model/diagnostics.ts'

export interface Graph {
  /** Resources, data sources and ephemerals, each after all that it needs. */
  readonly order: readonly string[]
  /** Resources that a resource needs directly or through locals and data; addresses without keys. */
  dependencies(address: string): ReadonlySet<string>
  /** Those, and all that they need themselves. */
  ancestors(address: string): ReadonlySet<string>
  /** True if an ephemeral value flows into the local. */
  isEphemeral(reference: string): boolean
}

export function buildGraph(configuration: Configuration, diagnostics: Diagnostics): Graph {
  const edges = new Map<string, ReadonlySet<string>>()
  for (const [name, json] of configuration.locals) {
    const found = diagnostics.attempt({ address: `local.${name}` }, () =>
      targets(referencesIn(json), configuration),
    )
    edges.set(`local.${name}`, found ?? new Set())
  }
  for (const [address, block] of configuration.resources) {
    const found = diagnostics.attempt({ address }, () => blockTargets(block, configuration))
    edges.set(address, found ?? new Set())
  }
  const order = sortTopologically(edges, diagnostics)
  const closures = new Map<string, ReadonlySet<string>>()
  for (const address of order) {
    const closure = new Set<string>()
    for (const target of edges.get(address) ?? []) {
      if (configuration.resources.has(target)) closure.add(target)
      // Locals and data sources pass on what they need themselves.
      if (!isManaged(target, configuration))
        for (const inner of closures.get(target) ?? []) closure.add(inner)
    }
    closures.set(address, closure)
  }
  const dependencies = (address: string) => closures.get(address) ?? new Set<string>()
  const known = new Map<string, ReadonlySet<string>>()
  const ancestors = (address: string): ReadonlySet<string> => {
    const found = known.get(address)
    if (found !== undefined) return found
    const direct = [...dependencies(address)]
    const all = new Set([...direct, ...direct.flatMap((dependency) => [...ancestors(dependency)])])
    known.set(address, all)
    return all
  }
  const ephemeral = (address: string): boolean =>
    address.startsWith('ephemeral.') ||
    (address.startsWith('local.') && [...(edges.get(address) ?? [])].some(ephemeral))
  return {
    order: order.filter((address) => configuration.resources.has(address)),
    dependencies,
    ancestors,
    isEphemeral: ephemeral,
  }
}

const isManaged = (address: string, { resources }: Configuration) =>
  resources.get(address)?.mode === 'managed'

function targets(references: readonly ReferenceNode[], { locals, resources }: Configuration): Set<string> {
  const isDeclared = (address: string) =>
    resources.has(address) || (address.startsWith('local.') && locals.has(address.slice(6)))
  return new Set(references.map((reference) => reference.address).filter(isDeclared))
}

function blockTargets(block: ResourceBlock, configuration: Configuration): Set<string> {
  const { lifecycle } = block
  const json = [
    block.body,
    block.count,
    block.forEach,
    conditionsOf(block),
    providerBody(block, configuration),
  ]
  const bare = [...block.dependsOn, ...lifecycle.replaceTriggeredBy].flatMap((text) =>
    referencesOf(parseExpression(text)),
  )
  const found = targets([...referencesIn(json), ...bare], configuration)
  return found
}

const conditionsOf = ({ lifecycle }: ResourceBlock) =>
  [...lifecycle.preconditions, ...lifecycle.postconditions].map(({ condition, errorMessage }) => [
    condition,
    errorMessage,
  ])

function providerBody(block: ResourceBlock, { providers }: Configuration) {
  return providers.get(block.provider ?? block.type.split('_')[0] ?? '')?.body
}

/** Depth first; a cycle is reported by the addresses on it. */
function sortTopologically(
  edges: ReadonlyMap<string, ReadonlySet<string>>,
  diagnostics: Diagnostics,
): string[] {
  const order: string[] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (address: string) => {
    if (done.has(address)) return
    if (path.includes(address)) {
      const cycle = [...path.slice(path.indexOf(address)), address]
      const detail = `${cycle.join(' → ')}. Break it, e.g. with separate rule resources instead of inline ones.`
      diagnostics.error({ address }, 'Cycle', detail)
      return
    }
    path.push(address)
    for (const target of edges.get(address) ?? []) visit(target)
    path.pop()
    done.add(address)
    order.push(address)
  }
  for (const address of edges.keys()) visit(address)
  return order
}
