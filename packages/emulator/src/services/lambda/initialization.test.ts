/** The time in which a function's module is loaded, and the result of one that takes too long or throws. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { startLambda } from './test-kit/lambda.test-kit.ts'

const pause = (ms: number) => `await new Promise((resolve) => setTimeout(resolve, ${ms}))`
/** Notes in a file that the module is being loaded; `times` says how often it has been. */
const counted = (file: string) => `
  import { appendFileSync, readFileSync } from 'node:fs'
  appendFileSync(${JSON.stringify(file)}, 'x')
  const times = readFileSync(${JSON.stringify(file)}).length`

describe('the initialization of a function', { concurrency: true }, () => {
  // https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle
  test('initializing a function takes nothing of its time-out', async () => {
    await using here = await startLambda()
    await here.create(
      'heavy',
      `${pause(2_600)}
      export const handler = async (event, context) => context.getRemainingTimeInMillis()`,
      { timeout: 2 },
    )
    const { result, error, tail } = await here.call('heavy')
    assert.equal(error, undefined, JSON.stringify(result))
    assert.ok(result > 0 && result <= 2_000, String(result))
    assert.ok(Number(/Init Duration: (\d+) ms/.exec(tail)?.[1]) >= 2_200, tail)
    assert.ok(Number(/\tDuration: (\d+) ms/.exec(tail)?.[1]) <= 2_000, tail)
    assert.doesNotMatch(tail, /INIT_REPORT/)
  })

  // https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle
  test('a function that does not initialize in time is initialized again, within its time-out', async () => {
    await using here = await startLambda({ initTimeoutMs: 300 })
    const file = join(here.folder, 'loads')
    const source = `${counted(file)}
      if (times === 1) ${pause(60_000)}
      export const handler = async (event, context) => [times, context.getRemainingTimeInMillis()]`
    await here.create('second', source)
    const { result, error, tail } = await here.call('second')
    assert.equal(error, undefined, JSON.stringify(result))
    assert.equal(result[0], 2)
    assert.ok(result[1] < 60_000)
    assert.match(tail, /INIT_REPORT Init Duration: \d+ ms\tPhase: init\tStatus: timeout/)
    assert.doesNotMatch(tail, /REPORT RequestId: .*Init Duration/)

    await here.create('never', `${pause(60_000)}\nexport const handler = () => 1`, { timeout: 1 })
    const never = await here.call('never')
    assert.match(never.result.errorMessage, /Task timed out after 1.00 seconds/)
  })

  // https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle
  test('a function whose initialization throws is initialized again, and answers with its error', async () => {
    await using here = await startLambda()
    const file = join(here.folder, 'loads')
    await here.create('throws', `${counted(file)}\nthrow new RangeError('no table')`)
    const { result, error, tail } = await here.call('throws')
    assert.equal(error, 'Unhandled')
    assert.deepEqual([result.errorType, result.errorMessage], ['RangeError', 'no table'])
    assert.match(tail, /Phase: init\tStatus: error\tError Type: RangeError/)
    assert.equal(readFileSync(file, 'utf8'), 'xx')
  })
})
