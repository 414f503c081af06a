/**
 * Terraform's functions as one table. https://developer.hashicorp.com/terraform/language/functions
 * What Terraform has and the table has not is refused by name.
 */

import { ExpressionError } from '../model/diagnostics.ts'
import { bounded, boundedTogether } from '../value/limits.ts'
import type { Term } from '../value/term.ts'
import { hasUnknown, UNKNOWN, Unknown } from '../value/term.ts'
import type { FunctionContext, FunctionTable, TerraformFunction } from './arguments.ts'
import { collectionFunctions } from './collections.ts'
import { conversionFunctions } from './conversion.ts'
import { encodingFunctions } from './encoding.ts'
import { filesystemFunctions } from './filesystem.ts'
import { networkFunctions } from './network.ts'
import { numericFunctions } from './numeric.ts'
import { patternFunctions } from './patterns.ts'
import { setFunctions } from './sets.ts'
import { stringFunctions } from './strings.ts'
import { timeFunctions } from './time.ts'

export const functions: FunctionTable = {
  ...stringFunctions,
  ...patternFunctions,
  ...collectionFunctions,
  ...setFunctions,
  ...numericFunctions,
  ...conversionFunctions,
  ...encodingFunctions,
  ...networkFunctions,
  ...filesystemFunctions,
  ...timeFunctions,
}

const NOT_REHEARSED = new Set(
  'abspath base64gzip bcrypt csvdecode ephemeralasnull fileset formatdate pathexpand rsadecrypt templatefile templatestring timeadd timecmp urldecode uuidv5 yamldecode yamlencode'.split(
    ' ',
  ),
)

function hidesResult(arg: Term, rule: TerraformFunction['unknown']): boolean {
  if (rule === undefined) return hasUnknown(arg)
  return rule === 'members' && arg instanceof Unknown
}

/** Calls a function of the table by Terraform's rules for unknown and null arguments. */
export function callFunction(name: string, args: readonly Term[], context: FunctionContext): Term {
  const short = name.startsWith('core::') ? name.slice('core::'.length) : name
  const called = Object.hasOwn(functions, short) ? functions[short] : undefined
  if (called === undefined) {
    const reason = NOT_REHEARSED.has(short)
      ? `The function ${name} is not rehearsed here: compute the value before the synthesis.`
      : `There is no function "${name}".`
    throw new ExpressionError('Unknown function', reason)
  }
  const [least, most] = called.arity
  if (args.length < least || args.length > most) {
    const expected =
      least === most ? String(least) : most === Infinity ? `${least} or more` : `${least} to ${most}`
    throw new ExpressionError(
      'Error in function call',
      `${name}() takes ${expected} arguments, not ${args.length}.`,
    )
  }
  if (args.some((arg) => hidesResult(arg, called.unknown))) return UNKNOWN
  if (called.nulls === undefined && args.includes(null)) {
    throw new ExpressionError('Invalid function argument', `An argument of ${name}() is null.`)
  }
  try {
    boundedTogether(args)
    return bounded(called.call(args, context))
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    throw new ExpressionError(error.summary, `${name}(): ${error.message}`, error.expression)
  }
}
