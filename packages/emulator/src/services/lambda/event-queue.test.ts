/** Events of asynchronous invocations: how often a function runs for one, when, and for how long it is stored. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-lambda'
import { until } from '../../test-kit/until.test-kit.ts'
import { startLambda } from './test-kit/lambda.test-kit.ts'

const speed = 600
let here: Awaited<ReturnType<typeof startLambda>>
before(async () => {
  here = await startLambda({ speed })
})
after(() => here[Symbol.asyncDispose]())

const fileOf = (name: string) => join(here.folder, `${name}.attempts`)
/** Times and request ids of the attempts so far. */
const attempts = (name: string): [at: number, requestId: string][] =>
  existsSync(fileOf(name))
    ? readFileSync(fileOf(name), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : []
const waiting = (name: string) =>
  here.context.store
    .collection<{ functionArn: string }>('lambda.events')
    .values()
    .filter(({ functionArn }) => functionArn.includes(`:${name}:`)).length

/** A function that fails as many times, and what was settled for its events. */
async function create(name: string, failures: number, config?: Record<string, number>): Promise<void> {
  const file = JSON.stringify(fileOf(name))
  await here.create(
    name,
    `import { appendFileSync, readFileSync } from 'node:fs'
    export const handler = async (event, { awsRequestId }) => {
      appendFileSync(${file}, JSON.stringify([Date.now(), awsRequestId]) + '\\n')
      if (readFileSync(${file}, 'utf8').split('\\n').length <= ${failures} + 1) throw new Error('not yet')
    }`,
  )
  if (config === undefined) return
  const type = here.type('aws_lambda_function_event_invoke_config')
  await type.create({ function_name: name, ...config }, here.apply())
}
const send = (FunctionName: string) =>
  here.client.send(new sdk.InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: '{}' }))

describe('events of functions', { concurrency: true }, () => {
  // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
  test('an asynchronous invocation that fails is repeated after one minute, and again after two, and then given up', async () => {
    await create('fails', 9)
    assert.equal((await send('fails')).StatusCode, 202)
    await until(() => waiting('fails') === 0)
    const [first, second, third, ...more] = attempts('fails')
    assert.ok(first && second && third)
    assert.deepEqual(more, [])
    assert.ok(second[0] - first[0] >= 60_000 / speed - 1, 'a minute')
    assert.ok(third[0] - second[0] >= 120_000 / speed - 1, 'two minutes')
    assert.deepEqual([second[1], third[1]], [first[1], first[1]], 'all under one request id')
  })

  // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
  test('an asynchronous invocation that succeeds is not repeated', async () => {
    await create('recovers', 1)
    await send('recovers')
    await until(() => waiting('recovers') === 0)
    assert.equal(attempts('recovers').length, 2)
  })

  // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
  test('a function may have its events repeated less often, or given up at an age', async () => {
    await create('once', 9, { maximum_retry_attempts: 0 })
    await create('young', 9, { maximum_event_age_in_seconds: 60 })
    for (const name of ['once', 'young']) await send(name)
    for (const name of ['once', 'young']) {
      await until(() => waiting(name) === 0)
      assert.equal(attempts(name).length, 1, name)
    }
  })

  // https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
  test('what a function does with its events is put, read, updated and deleted; destinations are refused by name', async () => {
    const FunctionName = 'configured'
    await create(FunctionName, 0)
    const read = () => here.client.send(new sdk.GetFunctionEventInvokeConfigCommand({ FunctionName }))
    const none = { name: 'ResourceNotFoundException' }
    await assert.rejects(read(), none)
    await here.client.send(
      new sdk.PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 1 }),
    )
    const change = { FunctionName, MaximumEventAgeInSeconds: 90 }
    await here.client.send(new sdk.UpdateFunctionEventInvokeConfigCommand(change))
    const { FunctionArn, MaximumEventAgeInSeconds, MaximumRetryAttempts } = await read()
    assert.match(FunctionArn ?? '', /:function:configured:\$LATEST$/)
    assert.deepEqual([MaximumEventAgeInSeconds, MaximumRetryAttempts], [90, 1])
    const wrong = { ...change, MaximumRetryAttempts: 3 }
    await assert.rejects(here.client.send(new sdk.PutFunctionEventInvokeConfigCommand(wrong)), {
      name: 'InvalidParameterValueException',
    })
    const away = { FunctionName, DestinationConfig: { OnFailure: { Destination: 'arn:aws:sns:x:0:y' } } }
    await assert.rejects(here.client.send(new sdk.PutFunctionEventInvokeConfigCommand(away)), {
      name: 'NotImplemented',
    })
    await here.client.send(new sdk.DeleteFunctionEventInvokeConfigCommand({ FunctionName }))
    await assert.rejects(read(), none)
  })
})

test('an event that was acknowledged is carried out by the emulator’s next life', async () => {
  await create('later', 1)
  await send('later')
  await until(() => attempts('later').length === 1)
  await here.restart()
  assert.equal(waiting('later'), 1)
  await until(() => waiting('later') === 0)
  assert.ok(attempts('later').length >= 2)
})

test('an event whose function was deleted meanwhile is dropped', async () => {
  await create('deleted', 9)
  here.lambda.invokeEvent('arn:aws:lambda:ap-northeast-2:000000000000:function:deleted:$LATEST', '{}')
  await until(() => attempts('deleted').length === 1)
  await here.type('aws_lambda_function').delete?.({ function_name: 'deleted' }, here.apply())
  await until(() => waiting('deleted') === 0)
  assert.equal(attempts('deleted').length, 1)
})
