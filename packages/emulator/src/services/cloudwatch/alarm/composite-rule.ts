/**
 * The rule of a composite alarm: `ALARM("a") AND NOT OK("b")`, `AT_LEAST(2, ALARM, (a, b, c))`. Alarms are named
 * by name or ARN.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
 */
import type { AlarmState } from '../contract.ts'
import { type Expression, parseExpression } from '../math/expression.ts'

/** Names of the alarms that a rule asks for. */
export function alarmsOfRule(rule: string): string[] {
  const names = new Set<string>()
  evaluateRule(rule, (name) => {
    names.add(name)
    return undefined
  })
  return [...names]
}

export function evaluateRule(rule: string, stateOf: (alarmName: string) => AlarmState | undefined): boolean {
  const fail = (): never => {
    throw new SyntaxError(`not an alarm rule: ${rule}`)
  }
  const stateOfNode = (node: Expression | undefined) => stateOf(nameOf(node) ?? fail())
  const truth = (node: Expression): boolean => {
    if (node.kind === 'call') {
      if (node.name === 'AT_LEAST') return atLeast(node.arguments)
      if (!isState(node.name)) throw new SyntaxError(`${node.name}(…) is not a function of alarm rules`)
      return stateOfNode(node.arguments[0]) === node.name
    }
    if (node.kind === 'name' && node.name.toUpperCase() === 'TRUE') return true
    if (node.kind === 'name' && node.name.toUpperCase() === 'FALSE') return false
    if (node.kind === 'unary' && node.operator === 'NOT') return !truth(node.operand)
    if (node.kind === 'binary' && (node.operator === 'AND' || node.operator === 'OR')) {
      const [left, right] = [truth(node.left), truth(node.right)]
      return node.operator === 'AND' ? left && right : left || right
    }
    return fail()
  }

  /** So many of the alarms, or so many percent, are in a state, or not in it. */
  function atLeast([amount, condition, alarms]: readonly Expression[]): boolean {
    const states = alarms?.kind === 'list' ? alarms.items.map(stateOfNode) : [stateOfNode(alarms)]
    const negated = condition?.kind === 'unary' && condition.operator === 'NOT'
    const state = nameOf(negated ? condition.operand : condition)?.toUpperCase() ?? fail()
    if (!isState(state)) fail()
    const met = states.filter((each) => (each === state) !== negated).length
    if (amount?.kind === 'percent') return met >= Math.ceil((amount.value / 100) * states.length)
    return amount?.kind === 'number' ? met >= amount.value : fail()
  }

  return truth(parseExpression(rule, 'alarm rule'))
}

const isState = (text: string): text is AlarmState => ['ALARM', 'OK', 'INSUFFICIENT_DATA'].includes(text)

function nameOf(node: Expression | undefined): string | undefined {
  const name = node?.kind === 'text' ? node.text : node?.kind === 'name' ? node.name : undefined
  return name?.replace(/^arn:[^:]*:cloudwatch:.*:alarm:/, '')
}
