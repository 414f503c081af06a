/** Numeric functions. https://developer.hashicorp.com/terraform/language/functions#numeric-functions */
import { roundNumber, toNumber } from '../value/convert.ts'
import type { FunctionTable } from './arguments.ts'
import { integer, invalid, list, number, text } from './arguments.ts'

const MANY = Number.POSITIVE_INFINITY

function parseInteger(digits: string, base: number): number {
  if (base < 2 || base > 36) invalid(`The base must lie between 2 and 36, not ${base}.`)
  const value = Number.parseInt(digits, base)
  const written = digits
    .replace(/^[-+]/, '')
    .replace(/^0+(?=.)/, '')
    .toLowerCase()
  return Math.abs(value).toString(base) === written
    ? value
    : invalid(`"${digits}" is no number in base ${base}.`)
}

const finite = (value: number) =>
  Number.isFinite(value) ? value : invalid(`The result is no finite number, but ${value}.`)

export const numericFunctions = {
  abs: { arity: [1, 1], call: (args) => Math.abs(number(args, 0)) },
  ceil: { arity: [1, 1], call: (args) => Math.ceil(number(args, 0)) },
  floor: { arity: [1, 1], call: (args) => Math.floor(number(args, 0)) },
  log: {
    arity: [2, 2],
    call: (args) => finite(roundNumber(Math.log(number(args, 0)) / Math.log(number(args, 1)))),
  },
  max: { arity: [1, MANY], call: (args) => Math.max(...args.map(toNumber)) },
  min: { arity: [1, MANY], call: (args) => Math.min(...args.map(toNumber)) },
  parseint: { arity: [2, 2], call: (args) => parseInteger(text(args, 0), integer(args, 1)) },
  pow: { arity: [2, 2], call: (args) => finite(number(args, 0) ** number(args, 1)) },
  signum: { arity: [1, 1], call: (args) => Math.sign(integer(args, 0)) },
  sum: {
    arity: [1, 1],
    call: (args) => {
      const members = list(args, 0).map(toNumber)
      return members.length === 0
        ? invalid('The list is empty.')
        : roundNumber(members.reduce((a, b) => a + b))
    },
  },
} satisfies FunctionTable
