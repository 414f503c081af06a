/** `count` and `for_each`: which instances a block has. */

import { evaluateJson } from '../expression/evaluate.ts'
import type { ResourceBlock } from '../model/configuration.ts'
import { ExpressionError } from '../model/diagnostics.ts'
import { toNumber } from '../value/convert.ts'
import type { Term } from '../value/term.ts'
import { isObject, SetTerm, sortedKeys, typeName, UNKNOWN, Unknown } from '../value/term.ts'
import type { EvaluationContext, InstanceKey, InstanceScope, Repetition } from './evaluation-context.ts'

export interface Expansion {
  readonly repetition: Repetition
  readonly instances: readonly { readonly key: InstanceKey; readonly scope: InstanceScope }[]
}

/** The instances depend on what only an apply finds out. */
export class LateExpression extends ExpressionError {
  constructor(meta: 'count' | 'for_each') {
    const detail =
      'It depends on what is known only after the apply; use values that the configuration itself knows.'
    super(`Invalid ${meta}`, detail)
    this.name = 'LateExpression'
  }
}

/** Throws `ExpressionError` where the instances cannot be known. */
export function expand(block: ResourceBlock, evaluation: EvaluationContext): Expansion {
  if (block.count !== undefined && block.count !== null) return expandCount(block.count, evaluation)
  if (block.forEach !== undefined && block.forEach !== null) return expandForEach(block.forEach, evaluation)
  return { repetition: 'single', instances: [{ key: null, scope: {} }] }
}

function expandCount(json: unknown, evaluation: EvaluationContext): Expansion {
  const term = evaluateJson(json, evaluation.scope())
  if (term instanceof Unknown) throw new LateExpression('count')
  const count = toNumber(term)
  if (!Number.isInteger(count) || count < 0) {
    throw new ExpressionError('Invalid count', `It must be a whole number from 0 on, not ${count}.`)
  }
  const instances = Array.from({ length: count }, (_, index) => ({ key: index, scope: { count: index } }))
  return { repetition: 'count', instances }
}

function expandForEach(json: unknown, evaluation: EvaluationContext): Expansion {
  const term = evaluateJson(json, evaluation.scope())
  const instance = (key: string, value: Term) => ({ key, scope: { each: { key, value } } })
  if (isObject(term)) {
    return {
      repetition: 'for_each',
      instances: sortedKeys(term).map((key) => instance(key, term[key] ?? null)),
    }
  }
  if (term instanceof SetTerm && term.items.every((item) => typeof item === 'string')) {
    return { repetition: 'for_each', instances: term.items.map((item) => instance(String(item), item)) }
  }
  // A list in JSON syntax has no function around it: CDK Terrain writes toset(…) or a map.
  if (term === UNKNOWN || (term instanceof SetTerm && term.items.includes(UNKNOWN))) {
    throw new LateExpression('for_each')
  }
  throw new ExpressionError(
    'Invalid for_each',
    `It must be a map or a set of strings, not ${typeName(term)}: use toset(…).`,
  )
}
