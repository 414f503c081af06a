import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFunction, type FunctionSource } from './runtime.ts'
import { FunctionLimitExceeded } from './sandbox.ts'

const store = { items: { 'app.keencho.com': 'r1', flags: '{"a":1}' }, createdAt: 0, lastModified: 0 }

function create(code: string, source: Partial<FunctionSource> = {}) {
  return createFunction({
    code,
    keyValues: () => ({ id: '', arn: '', name: '', comment: '', etag: '', resourceEtag: '', ...store }),
    log: () => {},
    ...source,
  })
}
const run = (code: string, event: object = {}) => create(code).run(event)

test('gives a function nothing of the emulator', async () => {
  const attempts = [
    'typeof process',
    'typeof require("child_process")',
    'console.log.constructor("return typeof process")()',
    'event.constructor.constructor("return typeof process")()',
    'new Function("return 1")()',
    'eval("1")',
    '(async () => {}).constructor("return 1")()',
    'typeof setTimeout + typeof fetch',
  ]
  for (const attempt of attempts) {
    const code = `function handler(event) { try { return String(${attempt}) } catch (error) { return 'refused: ' + error } }`
    assert.match(String(await run(code)), /^(?:undefined)+$|^refused: /, attempt)
  }
})

test('keeps what a function does to its prototypes from the emulator and from other functions', async () => {
  const polluting = create(
    'function handler(event) { event.__proto__.polluted = Array.prototype.polluted = "yes"; return "" + {}.polluted }',
  )
  assert.equal(await polluting.run({}), 'yes')
  assert.equal(Reflect.get({}, 'polluted'), undefined)
  assert.equal(await run('function handler() { return "" + {}.polluted }'), 'undefined')
  const result = await run(
    'function handler(event) { return JSON.parse(\'{"__proto__": {"polluted": 1}}\') }',
  )
  assert.equal(Reflect.get({}, 'polluted'), undefined)
  assert.deepEqual(Object.keys(Object(result)), ['__proto__'])
})

const endless: Readonly<Record<string, string>> = {
  'a loop': 'for (;;) {}',
  'a loop that catches': 'for (;;) { try { for (;;) {} } catch {} }',
  'a regular expression': 'return /^(a+)+$/.test("a".repeat(60) + "!")',
  'promises without an end': 'const next = () => Promise.resolve().then(next); return next()',
  'small things without an end': 'const all = []; for (;;) all.push("x".repeat(1000) + all.length)',
  'large things without an end': 'const all = []; for (;;) all.push("x".repeat(100000) + all.length)',
}
for (const [name, body] of Object.entries(endless)) {
  test(`ends ${name}, and serves the next event`, async () => {
    const edgeFunction = create(`async function handler(event) { if (event.fine) return 'fine'; ${body} }`)
    await assert.rejects(edgeFunction.run({}), FunctionLimitExceeded)
    assert.equal(await edgeFunction.run({ fine: true }), 'fine')
  })
}

test('says what a function threw, and that it never answered', async () => {
  await assert.rejects(run('function handler() { throw new TypeError("boom") }'), /TypeError: boom/)
  await assert.rejects(run('function handler() { return handler() }'), /stack overflow/)
  await assert.rejects(run('const nothing = 1'), /handler/)
  await assert.rejects(run('function handler() { return new Promise(() => {}) }'), /never settled/)
})

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-custom-methods.html
test('reads its key value store, by promises', async () => {
  const code = `import cf from 'cloudfront'
    const store = cf.kvs()
    async function handler() {
      const missing = await store.get('none').catch((error) => error.message)
      return [
        await store.get('app.keencho.com'), (await store.get('flags', { format: 'json' })).a,
        await store.exists('none'), await store.count(), (await store.meta()).keyCount, missing,
      ]
    }`
  assert.deepEqual(await run(code), ['r1', 1, false, 2, 2, 'KeyNotFound: none'])
  await assert.rejects(create(code, { keyValues: () => undefined }).run({}), /no key value store/)
})

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
test('has the modules and globals of the runtime', async () => {
  const code = `import crypto from 'crypto'
    const querystring = require('querystring')
    function handler() {
      return [
        crypto.createHash('sha256').update('a').update(Buffer.from('bc')).digest('hex'),
        crypto.createHmac('sha1', 'key').update('abc').digest('base64url'),
        querystring.stringify({ a: [1, 2], b: 'x y' }),
        querystring.parse('a=1&a=2&b=x+y%20z'),
        btoa('hi') + atob('aGk='), new TextEncoder().encode('é').length,
        Buffer.from('YWJj', 'base64').toString('hex'),
      ]
    }`
  assert.deepEqual(await run(code), [
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    'T9CyFSdu8S8rPkyOysKBFJi2Vvw',
    'a=1&a=2&b=x%20y',
    { a: ['1', '2'], b: 'x y z' },
    'aGk=hi',
    2,
    '616263',
  ])
})
