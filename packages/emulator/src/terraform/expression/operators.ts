/** Terraform's operators. https://developer.hashicorp.com/terraform/language/expressions/operators */

import type { BinaryOperator } from '../hcl/syntax.ts'
import { ExpressionError } from '../model/diagnostics.ts'
import { roundNumber, toBool, toNumber } from '../value/convert.ts'
import type { Term } from '../value/term.ts'
import { canonical, hasUnknown, UNKNOWN, Unknown } from '../value/term.ts'

export function applyUnary(operator: '-' | '!', operand: Term): Term {
  if (operand instanceof Unknown) return UNKNOWN
  return operator === '!' ? !toBool(operand) : -toNumber(operand)
}

/** `&&` and `||` ask for the right side only when it matters, as Terraform does since 1.12. */
export function applyBinary(operator: BinaryOperator, left: Term, evaluateRight: () => Term): Term {
  if (operator === '&&' || operator === '||') return logical(operator, left, evaluateRight)
  const right = evaluateRight()
  if (operator === '==' || operator === '!=') {
    if ((hasUnknown(left) && right !== null) || (hasUnknown(right) && left !== null)) return UNKNOWN
    if (left instanceof Unknown || right instanceof Unknown) return UNKNOWN
    return (canonical(left) === canonical(right)) === (operator === '==')
  }
  if (left instanceof Unknown || right instanceof Unknown) return UNKNOWN
  return arithmetic(operator, toNumber(left), toNumber(right))
}

function logical(operator: '&&' | '||', left: Term, evaluateRight: () => Term): Term {
  const decides = operator === '||'
  if (!(left instanceof Unknown) && toBool(left) === decides) return decides
  const right = evaluateRight()
  if (right instanceof Unknown) return UNKNOWN
  if (toBool(right) === decides) return decides
  return left instanceof Unknown ? UNKNOWN : !decides
}

function arithmetic(
  operator: Exclude<BinaryOperator, '&&' | '||' | '==' | '!='>,
  a: number,
  b: number,
): Term {
  switch (operator) {
    case '<':
      return a < b
    case '>':
      return a > b
    case '<=':
      return a <= b
    case '>=':
      return a >= b
    case '+':
      return roundNumber(a + b)
    case '-':
      return roundNumber(a - b)
    case '*':
      return roundNumber(a * b)
    case '/':
    case '%':
      if (b === 0) throw new ExpressionError('Division by zero', 'The divisor is zero.')
      return roundNumber(operator === '/' ? a / b : a % b)
  }
}
