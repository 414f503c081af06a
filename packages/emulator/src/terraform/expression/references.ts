/** What an expression refers to, found without evaluating it: the edges of the graph. */

import { parseString } from '../hcl/expression.ts'
import type { Node, ReferenceNode } from '../hcl/syntax.ts'

const perString = new Map<string, readonly ReferenceNode[]>()

/** The references in any JSON where expressions are allowed. */
export function referencesIn(json: unknown, found: ReferenceNode[] = []): ReferenceNode[] {
  if (typeof json === 'string') found.push(...referencesInString(json))
  else if (Array.isArray(json)) for (const item of json) referencesIn(item, found)
  else if (typeof json === 'object' && json !== null) {
    for (const [key, item] of Object.entries(json)) {
      if (key === '//') continue
      found.push(...referencesInString(key))
      referencesIn(item, found)
    }
  }
  return found
}

function referencesInString(source: string): readonly ReferenceNode[] {
  if (!source.includes('${') && !source.includes('%{')) return []
  const known = perString.get(source)
  if (known !== undefined) return known
  const found = referencesOf(parseString(source))
  if (perString.size > 50_000) perString.clear()
  perString.set(source, found)
  return found
}

/** The references in a syntax tree. */
export function referencesOf(node: Node, found: ReferenceNode[] = []): ReferenceNode[] {
  if (node.kind === 'reference') found.push(node)
  for (const child of childrenOf(node)) referencesOf(child, found)
  return found
}

function childrenOf(node: Node): readonly Node[] {
  const present = (...nodes: (Node | undefined)[]) => nodes.filter((child) => child !== undefined)
  switch (node.kind) {
    case 'literal':
    case 'reference':
    case 'bound':
      return []
    case 'template':
      return node.parts
    case 'tuple':
      return node.items
    case 'object':
      return node.items.flatMap((item) => [item.key, item.value])
    case 'for':
      return present(node.collection, node.key, node.value, node.condition)
    case 'attribute':
      return [node.of]
    case 'index':
      return [node.of, node.key]
    case 'splat':
      return [node.of, node.each]
    case 'unary':
      return [node.operand]
    case 'binary':
      return [node.left, node.right]
    case 'conditional':
      return [node.condition, node.whenTrue, node.whenFalse]
    case 'call':
      return node.args
    case 'templateIf':
      return present(node.condition, node.whenTrue, node.whenFalse)
    case 'templateFor':
      return [node.collection, node.body]
  }
}
