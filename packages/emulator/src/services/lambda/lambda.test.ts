/** Functions from zip archives, through Terraform's resource and the official client. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-lambda'
import { zipSync } from 'fflate'
import { startLambda } from './test-kit/lambda.test-kit.ts'

let here: Awaited<ReturnType<typeof startLambda>>
before(async () => {
  here = await startLambda()
})
after(() => here[Symbol.asyncDispose]())

const create = (...given: Parameters<typeof here.create>) => here.create(...given)
const call = (...given: Parameters<typeof here.call>) => here.call(...given)

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
test('runs the handler with its event, its environment and its role’s credentials', async () => {
  const made = await create(
    'greet',
    `export const handler = async (event, context) => {
      console.log('greeting', event.name)
      const { GREETING, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL } = process.env
      return { text: GREETING + ' ' + event.name, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, of: context.functionName }
    }`,
  )
  assert.equal(made.arn, 'arn:aws:lambda:ap-northeast-2:000000000000:function:greet')
  const { result, error, tail } = await call('greet', { name: 'Seoul' })
  assert.equal(error, undefined)
  assert.deepEqual(result, {
    text: 'hello Seoul',
    AWS_REGION: 'ap-northeast-2',
    AWS_ACCESS_KEY_ID: 'ASIA-arn:role',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1/',
    of: 'greet',
  })
  assert.match(tail, /START RequestId: [\s\S]*greeting Seoul[\s\S]*END RequestId/)
  assert.ok(here.log.some((line) => line.group === '/aws/lambda/greet' && line.message === 'greeting Seoul'))
})

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
test('gets the variables of its configuration and of its runtime, and nothing of the shell that started the emulator', async () => {
  await create('environment', 'export const handler = async () => Object.keys(process.env)')
  const { result } = await call('environment')
  assert.deepEqual(result.filter((name: string) => !name.startsWith('NODE_CHANNEL_')).sort(), [
    'AWS_ACCESS_KEY_ID',
    'AWS_DEFAULT_REGION',
    'AWS_ENDPOINT_URL',
    'AWS_EXECUTION_ENV',
    'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
    'AWS_LAMBDA_FUNCTION_NAME',
    'AWS_LAMBDA_FUNCTION_VERSION',
    'AWS_LAMBDA_LOG_GROUP_NAME',
    'AWS_LAMBDA_LOG_STREAM_NAME',
    'AWS_REGION',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'BATON_EMULATOR',
    'GREETING',
    'LAMBDA_TASK_ROOT',
    'LANG',
    'NODE_EXTRA_CA_CERTS',
    'PATH',
    'TZ',
    '_HANDLER',
  ])
})

test('a name that Lambda does not take never becomes a path', async () => {
  for (const name of ['../../out', '', '.', 'a/b', 'x'.repeat(65)]) {
    await assert.rejects(
      create('fine', 'export const handler = 1', { function_name: name }),
      /validation error detected.*functionName/,
      name,
    )
  }
})

test('reaches a name of the emulator under its own name and port', async () => {
  const seen: string[] = []
  const balancer = createServer((request, response) => {
    seen.push(request.headers.host ?? '')
    response.end('from the balancer')
  })
  await new Promise<void>((resolve) => balancer.listen(0, '127.0.0.1', resolve))
  const { port } = balancer.address() as AddressInfo
  here.context.names.bind({
    name: 'main-1.elb.amazonaws.com',
    port: 8443,
    socket: { address: '127.0.0.1', port },
  })
  await create(
    'probe',
    `import { request } from 'node:http'
    const get = () => new Promise((resolve, reject) => request({ hostname: 'main-1.elb.amazonaws.com', port: 8443 }, (response) => {
      response.on('data', (part) => resolve(String(part)))
    }).on('error', reject).end())
    export const handler = async () => [await get(), await (await fetch('http://main-1.elb.amazonaws.com:8443/')).text()]`,
  )
  const { result } = await call('probe')
  balancer.closeAllConnections()
  await new Promise((resolve) => balancer.close(resolve))
  assert.deepEqual(result, ['from the balancer', 'from the balancer'])
  assert.deepEqual(seen, ['main-1.elb.amazonaws.com:8443', 'main-1.elb.amazonaws.com:8443'])
})

// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
test('what a handler throws comes back as an unhandled function error', async () => {
  await create('throws', `export const handler = async () => { throw new TypeError('no such account') }`)
  const { result, error } = await call('throws')
  assert.equal(error, 'Unhandled')
  assert.deepEqual([result.errorType, result.errorMessage], ['TypeError', 'no such account'])
})

// https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-sdk-included
test('finds the AWS SDK of its runtime, as a module and as CommonJS', async () => {
  const answer = `({ sdk: typeof CodeDeployClient, none: await import('@aws-sdk/client-none').catch((error) => error.code) })`
  await create(
    'module',
    `import { CodeDeployClient } from '@aws-sdk/client-codedeploy'
    export const handler = async () => ${answer}`,
  )
  const source = `const { CodeDeployClient } = require('@aws-sdk/client-codedeploy')
    exports.handler = async () => ${answer}`
  await writeFile(join(here.folder, 'cjs.zip'), zipSync({ 'index.js': new TextEncoder().encode(source) }))
  await create('common', '', { filename: 'cjs.zip' })
  for (const name of ['module', 'common'])
    assert.deepEqual((await call(name)).result, { sdk: 'function', none: 'ERR_MODULE_NOT_FOUND' }, name)
})

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
test('the time-out is real time, at every speed', async () => {
  await create('slow', 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000))', {
    timeout: 1,
  })
  const from = Date.now()
  const { result, error } = await call('slow')
  assert.ok(Date.now() - from >= 1000)
  assert.equal(error, 'Unhandled')
  assert.match(result.errorMessage, /Task timed out after 1.00 seconds/)
})

// https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
test('a process that ends itself is a function error, not a broken emulator', async () => {
  await create('leaves', 'export const handler = () => process.exit(3)')
  const { result, error } = await call('leaves')
  assert.equal(error, 'Unhandled')
  assert.match(result.errorMessage, /exit status 3/)
})

// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
test('handlers that answer through a callback work too', async () => {
  await create(
    'callback',
    'export const handler = (event, context, callback) => setTimeout(() => callback(null, event.n + 1), 5)',
  )
  assert.equal((await call('callback', { n: 1 })).result, 2)
})

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
test('a published version keeps its code, and an alias names it', async () => {
  const first = await create('versioned', 'export const handler = () => 1', { publish: true })
  assert.equal(first.version, '1')
  const alias = here.type('aws_lambda_alias')
  await alias.create({ name: 'live', function_name: 'versioned', function_version: '1' }, here.apply())
  const command = new sdk.UpdateFunctionCodeCommand({
    FunctionName: 'versioned',
    ZipFile: zipSync({ 'index.mjs': new TextEncoder().encode('export const handler = () => 2') }),
  })
  await here.client.send(command)
  assert.deepEqual([(await call('versioned')).result, (await call('versioned:live')).result], [2, 1])
})

/** Whether a process of this id is there and not merely waiting for its parent to read how it ended. */
function lives(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.charAt(stat.lastIndexOf(')') + 2) !== 'Z'
  } catch {
    return false
  }
}

// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
test('an async handler is over when its promise is, whatever timers and processes it leaves', async () => {
  await create(
    'lingers',
    `import { spawn } from 'node:child_process'
    export const handler = async () => {
      setInterval(() => {}, 1000)
      return { own: process.pid, started: spawn('sleep', ['600'], { stdio: 'ignore' }).pid }
    }`,
    { timeout: 120 },
  )
  const from = Date.now()
  const { result } = await call('lingers')
  assert.ok(Date.now() - from < 100_000, 'it did not wait for the time-out')
  for (const deadline = Date.now() + 10_000; lives(result.own) || lives(result.started); ) {
    assert.ok(Date.now() < deadline, 'a process outlives its function')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
})

test('names what does not exist or cannot run here', async () => {
  await assert.rejects(call('none'), { name: 'ResourceNotFoundException' })
  await assert.rejects(
    create('python', '', { runtime: 'python3.13' }),
    /runtime python3.13 is not implemented/,
  )
  const command = new sdk.InvokeCommand({ FunctionName: 'greet', Payload: '{' })
  await assert.rejects(here.client.send(command), { name: 'InvalidRequestContentException' })
  await assert.rejects(here.client.send(new sdk.ListLayersCommand({})), { name: 'NotImplemented' })
})

test('an archive whose entries lie outside of it is refused', async () => {
  await writeFile(join(here.folder, 'slip.zip'), zipSync({ '../../escape.mjs': new Uint8Array([1]) }))
  await assert.rejects(create('slips', '', { filename: 'slip.zip' }), /lies outside of it/)
})
