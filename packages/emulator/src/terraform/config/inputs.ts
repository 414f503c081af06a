/** Values of the root module's variables: given, defaulted, converted, validated. */

import type { Scope } from '../expression/evaluate.ts'
import { evaluateJson } from '../expression/evaluate.ts'
import type { Condition, Configuration, Json } from '../model/configuration.ts'
import type { Diagnostics } from '../model/diagnostics.ts'
import { primitiveText, toBool } from '../value/convert.ts'
import type { Term, TermObject } from '../value/term.ts'
import { Unknown } from '../value/term.ts'
import { convertTo } from './type-constraint.ts'

export function readVariables(
  configuration: Configuration,
  given: Readonly<Record<string, Json>>,
  diagnostics: Diagnostics,
): TermObject {
  const values: TermObject = {}
  for (const name of Object.keys(given)) {
    if (configuration.variables.has(name)) continue
    diagnostics.error(
      { address: `var.${name}` },
      'Value for an undeclared variable',
      'The folder has no such variable block.',
    )
  }
  for (const [name, block] of configuration.variables) {
    const address = `var.${name}`
    // Null means the default for a variable that does not take null.
    const isGiven = Object.hasOwn(given, name) && (given[name] !== null || block.nullable)
    const raw = isGiven || block.default === undefined ? given[name] : block.default
    if (raw === undefined) {
      diagnostics.error({ address }, 'Missing value', 'The variable has no default: pass a value for it.')
      values[name] = null
      continue
    }
    const literal = plain(raw)
    const value = diagnostics.attempt({ address }, () =>
      block.type === undefined ? literal : convertTo(block.type, literal),
    )
    values[name] = value ?? null
    if (value === null && !block.nullable)
      diagnostics.error({ address }, 'Value is null', 'The variable is not nullable.')
  }
  return values
}

/** Values are taken as they are: no templates in them. */
function plain(json: Json): Term {
  if (Array.isArray(json)) return json.map(plain)
  if (typeof json === 'object' && json !== null) {
    return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, plain(item)]))
  }
  return typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean' ? json : null
}

/** Reports conditions that are false; those that are not known yet wait for the apply. */
export function checkConditions(
  kind: 'precondition' | 'postcondition' | 'validation' | 'assertion',
  conditions: readonly Condition[],
  scope: Scope,
  address: string,
  diagnostics: Diagnostics,
): void {
  for (const { condition, errorMessage } of conditions) {
    diagnostics.attempt({ address }, () => {
      const holds = evaluateJson(condition, scope)
      if (holds instanceof Unknown || toBool(holds)) return
      const detail = primitiveText(evaluateJson(errorMessage, scope)) ?? 'The condition is false.'
      if (kind === 'assertion') diagnostics.warn({ address }, 'Check failed', detail)
      else diagnostics.error({ address }, `The ${kind} does not hold`, detail)
    })
  }
}
