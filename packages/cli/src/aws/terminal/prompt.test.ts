import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, test } from 'node:test'
import { Interrupted } from '../../interrupt.ts'
import { confirmer, confirmName, type Prompt, readValue } from './prompt.ts'

/** A person at a terminal who answers each question in turn; without answers, no terminal. */
function person(answers?: readonly string[]): Prompt & { said(): string } {
  const input = Object.assign(new PassThrough(), answers ? { isTTY: true } : {})
  const left = [...(answers ?? [])]
  const said: string[] = []
  const output = new PassThrough()
  output.on('data', (chunk: Buffer) => {
    const text = chunk.toString()
    said.push(text)
    if (text.endsWith(': ') && left.length > 0) setImmediate(() => input.write(left.shift()))
  })
  return { input, output, said: () => said.join('') }
}

function pipe(text: string): Prompt {
  const input = new PassThrough()
  input.end(text)
  return { input, output: new PassThrough() }
}

describe('a question before a change', () => {
  test('goes on at yes, and at nothing else', async () => {
    await confirmer({ yes: false, json: false }, person(['yes\r']))('Apply?')
    for (const answer of ['\r', 'y\r', 'no\r', 'YES please\r']) {
      await assert.rejects(
        confirmer({ yes: false, json: false }, person([answer]))('Apply?'),
        /Nothing more was changed/,
        answer,
      )
    }
  })

  test('is not asked with --yes, and refuses where no one can answer', async () => {
    await confirmer({ yes: true, json: false }, person())('Apply?')
    assert.throws(() => confirmer({ yes: false, json: false }, person()), {
      name: 'UsageError',
      fix: /--yes/,
    })
    assert.throws(() => confirmer({ yes: false, json: true }, person(['yes\r'])), { name: 'UsageError' })
  })

  test('Ctrl-C ends it', async () => {
    await assert.rejects(confirmer({ yes: false, json: false }, person(['\u0003']))('Apply?'), Interrupted)
  })
})

describe('a platform’s name', () => {
  const ask = (given: string | undefined, prompt: Prompt) =>
    confirmName('shop-production', 'Destroy?', { given, json: false }, prompt)

  test('must be typed, or given by option, exactly', async () => {
    await ask(undefined, person(['shop-production\r']))
    await ask('shop-production', person())
    await assert.rejects(ask(undefined, person(['yes\r'])), /called shop-production, not "yes"/)
    await assert.rejects(ask('shop', person()), /not "shop"/)
    await assert.rejects(ask(undefined, person()), { fix: /--confirm shop-production/ })
  })
})

describe('a secret’s value', () => {
  test('is piped in, without the line end that echo puts after it', async () => {
    assert.equal(await readValue('API_KEY', pipe('s3cret\n')), 's3cret')
    assert.equal(await readValue('API_KEY', pipe('a\nb\r\n')), 'a\nb')
  })

  test('is typed twice and never shown', async () => {
    const prompt = person(['s3cret\r', 's3cret\r'])
    assert.equal(await readValue('API_KEY', prompt), 's3cret')
    assert.doesNotMatch(prompt.said(), /s3cret/)
    await assert.rejects(readValue('API_KEY', person(['one\r', 'two\r'])), /differ/)
  })

  test('is neither empty nor larger than Secrets Manager takes', async () => {
    await assert.rejects(readValue('API_KEY', pipe('\n')), /is empty/)
    await assert.rejects(readValue('API_KEY', person(['\r'])), /is empty/)
    await assert.rejects(readValue('API_KEY', pipe('x'.repeat(65_537))), /larger than 65536 bytes/)
    assert.equal((await readValue('API_KEY', pipe('x'.repeat(65_536)))).length, 65_536)
  })
})
