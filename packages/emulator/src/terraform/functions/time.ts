/** What differs at every call is known only after the apply. */
import { UNKNOWN } from '../value/term.ts'
import type { FunctionTable } from './arguments.ts'

const stamp = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')

export const timeFunctions = {
  plantimestamp: { arity: [0, 0], call: (_, context) => stamp(context.now()) },
  timestamp: { arity: [0, 0], call: (_, context) => (context.planning ? UNKNOWN : stamp(context.now())) },
  uuid: { arity: [0, 0], call: (_, context) => (context.planning ? UNKNOWN : context.uuid()) },
} satisfies FunctionTable
