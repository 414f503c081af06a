/**
 * `npm run fuzz -- [--minutes N] [--seed S] [--target NAME] [--rounds N]`: prints each finding with the command that repeats
 * it, then one JSON object. Exits with 1 when there is a finding.
 */
import { parseArgs } from 'node:util'
import { fuzz } from './run.ts'
import { targets } from './targets/index.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    target: { type: 'string' },
    rounds: { type: 'string' },
  },
})
const number = (name: string, text: string): number => {
  const value = Number(text)
  if (text !== '' && Number.isFinite(value) && value >= 0) return value
  throw new Error(`--${name} is "${text}". Fix: give a number.`)
}
const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target)
if (chosen.length === 0) {
  console.error(
    `There is no target "${values.target}". Fix: one of ${targets.map(({ name }) => name).join(', ')}.`,
  )
  process.exit(2)
}
const seed = Math.trunc(values.seed === undefined ? Date.now() % 1_000_000_000 : number('seed', values.seed))
console.log(`seed ${seed}`)
const result = await fuzz({
  targets: chosen,
  seed,
  durationMs: number('minutes', values.minutes) * 60_000,
  ...(values.rounds === undefined ? {} : { rounds: number('rounds', values.rounds) }),
  log: (line) => console.log(line),
})
console.log(JSON.stringify(result))
process.exit(result.findings.length > 0 ? 1 : 0)
