/** What the coverage takes for proof, and what it does not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { provenIn } from './behaviour.ts'

const page = 'https://docs.aws.amazon.com/elb/page.html'
const proven = (...lines: string[]) => provenIn(lines.join('\n'), 'a.test.ts')
const behaviours = (...lines: string[]) => proven(...lines).map(({ behaviour }) => behaviour)

test('a behaviour is a test with its page of AWS right above; other tests and other pages are none', () => {
  const text = [
    '// https://docs.aws.amazon.com/elb/one.html',
    "test('drains', async () => {})",
    '// https://docs.aws.amazon.com/elb/two.html#part: it says so there.',
    '// And why this matters.',
    '  test("it\'s sticky", {}, (): void => {})',
    '// https://example.com/three.html',
    "test('is not documented', () => {})",
    "test('has no page', () => {})",
    '// https://docs.aws.amazon.com/elb/four.html',
    'const x = 1',
    "test('is too far away', () => {})",
    '// https://docs.aws.amazon.com/elb/five.html',
    'test(`names ${x}`, () => {})',
  ]
  assert.deepEqual(proven(...text), [
    { behaviour: 'drains', page: 'https://docs.aws.amazon.com/elb/one.html', test: 'a.test.ts' },
    { behaviour: "it's sticky", page: 'https://docs.aws.amazon.com/elb/two.html#part', test: 'a.test.ts' },
  ])
})

test('a test within a suite or another test counts', () => {
  const text = [
    "describe('suite', { concurrency: true }, () => {",
    `  // ${page}`,
    "  test('in a suite', async (t: TestContext) => {",
    `    // ${page}`,
    "    await t.test('in a test', () => {})",
    '  })',
    '})',
  ]
  assert.deepEqual(behaviours(...text), ['in a suite', 'in a test'])
})

test('a test that is skipped, or to do, is no proof', () => {
  const withOptions = (options: string) => behaviours(`// ${page}`, `test('x', ${options}, () => {})`)
  for (const options of [
    '{ skip: true }',
    "{ skip: 'not yet' }",
    '{ todo: true }',
    "{ skip: !skopeo && 'skopeo is not installed' }",
    "{ skip: process.platform === 'linux' && 'only elsewhere' }",
    '{ skip }',
    '{ ...options }',
  ]) {
    assert.deepEqual(withOptions(options), [], options)
  }
  for (const options of [
    '{ timeout: 5_000 }',
    '{ skip: false }',
    "{ skip: process.platform !== 'linux' && 'x' }",
  ]) {
    assert.deepEqual(withOptions(options), ['x'], options)
  }
  for (const call of ['test.skip', 'test.todo', 'it.skip']) {
    assert.deepEqual(behaviours(`// ${page}`, `${call}('x', () => {})`), [], call)
  }
})

test('a test that skips itself is no proof, unless only the system decides it', () => {
  const withBody = (body: string) => behaviours(`// ${page}`, `test('x', (t) => { ${body} })`)
  assert.deepEqual(withBody('if (!program) return t.skip()'), [])
  assert.deepEqual(withBody("t.todo('later')"), [])
  assert.deepEqual(withBody("if (process.platform !== 'linux') return t.skip('only Linux')"), ['x'])
  assert.deepEqual(withBody('list.skip(); t.diagnostic("skip")'), ['x'])
})

test('a test in a suite that is skipped is no proof', () => {
  for (const suite of ["describe('s', { skip }, ", "describe.skip('s', "]) {
    assert.deepEqual(behaviours(`${suite}() => {`, `// ${page}`, "test('x', () => {})", '})'), [], suite)
  }
})

test('a comment or a text that looks like a test is none', () => {
  assert.deepEqual(
    behaviours(`// ${page}`, "// test('x', () => {})", 'const a = `', `// ${page}`, "test('y')`"),
    [],
  )
})
