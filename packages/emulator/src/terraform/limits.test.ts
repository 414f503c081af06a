/** Expressions that explode end soon, with their address, whatever they are made of. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openStore } from '../store.ts'
import { createTerraform, TerraformError } from './index.ts'

const timeoutMs = 10_000

async function diagnosticOf(t: TestContext, document: string | object) {
  const folder = await mkdtemp(join(tmpdir(), 'baton-limits-'))
  const store = openStore(':memory:')
  t.after(async () => {
    store.close()
    await rm(folder, { recursive: true })
  })
  await writeFile(
    join(folder, 'cdk.tf.json'),
    typeof document === 'string' ? document : JSON.stringify(document),
  )
  const terraform = createTerraform({
    store,
    accountId: '000000000000',
    region: 'us-east-1',
    types: { resources: [], dataSources: [], ephemerals: [] },
  })
  const began = performance.now()
  const error = await terraform.plan(folder, { stack: 'test' }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(performance.now() - began < timeoutMs, `${Math.round(performance.now() - began)} ms`)
  assert.ok(error instanceof TerraformError, `it was ${error}`)
  return error.diagnostics[0]
}

const output = (value: string, locals: object = {}) => ({ locals, output: { big: { value } } })
const thousand = '${range(1000)}'
/** \`local.l60\` holds what \`local.l0\` holds 2^60 times. */
const doubled = (first: unknown, next: (name: string) => unknown) =>
  Object.fromEntries(
    Array.from({ length: 61 }, (_, index) => [
      `l${index}`,
      index === 0 ? first : next(`local.l${index - 1}`),
    ]),
  )

const explosive: Readonly<Record<string, object>> = {
  'for in for in for': output('${[for a in local.r : [for b in local.r : [for c in local.r : a]]]}', {
    r: thousand,
  }),
  'for that keeps nothing': output(
    '${[for a in local.r : a if length([for b in local.r : b if b < [for c in local.r : c][0]]) > 0]}',
    {
      r: thousand,
    },
  ),
  setproduct: output('${setproduct(local.r, local.r, local.r)}', { r: thousand }),
  concat: output(
    '${local.l60}',
    doubled(['x'], (name) => `\${concat(${name}, ${name})}`),
  ),
  'lists that share their parts': output(
    '${jsonencode(local.l60)}',
    doubled('x', (name) => [`\${${name}}`, `\${${name}}`]),
  ),
  'objects that share their parts': output(
    '${local.l60}',
    doubled('x', (name) => ({ a: `\${${name}}`, b: `\${${name}}` })),
  ),
  'flatten of shared parts': output(
    '${flatten(local.l60)}',
    doubled(['x'], (name) => [`\${${name}}`, `\${${name}}`]),
  ),
  'nested templates': output(
    '${local.l60}',
    doubled('x', (name) => `\${${name}}\${${name}}`),
  ),
  'template directives': output(
    '%{for a in local.r}%{for b in local.r}%{for c in local.r}xxxxxxxxxx%{endfor}%{endfor}%{endfor}',
    {
      r: thousand,
    },
  ),
  'a padded format': output('${format("%1000000000s", "x")}'),
  'a padded format in a list': output('${formatlist("%9999999s", local.r)}', { r: thousand }),
  join: output('${join(local.s, local.r)}', { s: '${format("%999999s", "x")}', r: thousand }),
  indent: output('${indent(1000000000, "a\\nb")}'),
  replace: output('${replace(local.s, "/ /", local.s)}', { s: '${format("%999999s", "x")}' }),
  'depth of values': output(
    '${local.l400}',
    Object.fromEntries(
      Array.from({ length: 401 }, (_, index) => [
        `l${index}`,
        index === 0 ? 'x' : [`\${local.l${index - 1}}`],
      ]),
    ),
  ),
  'depth of an expression': output(`\${${'('.repeat(50_000)}1${')'.repeat(50_000)}}`),
  'depth of JSON in a text': output('${jsondecode(local.j)}', { j: '['.repeat(50_000) + ']'.repeat(50_000) }),
}

for (const [name, document] of Object.entries(explosive)) {
  test(`${name}: refused with its address`, { timeout: 60_000 }, async (t) => {
    const diagnostic = await diagnosticOf(t, document)
    assert.match(diagnostic?.address ?? '', /^(output\.big|local\.l\d+)$/)
    assert.match(
      diagnostic?.summary ?? '',
      /^(Value too large|Expression too expensive|Too large or too deeply nested)$/,
      JSON.stringify(diagnostic).slice(0, 500),
    )
  })
}

test('JSON that is nested too deeply is refused', async (t) => {
  const depth = 200_000
  const document = `{"locals":{"a":${'['.repeat(depth)}${']'.repeat(depth)}},"output":{"big":{"value":"\${local.a}"}}}`
  const diagnostic = await diagnosticOf(t, document)
  assert.match(diagnostic?.summary ?? '', /too deeply nested|is not JSON/)
})

// RE2, which Terraform's regular expressions are, needs time in proportion to the text.
test('a regular expression that backtracks elsewhere is linear', async (t) => {
  const value = '${can(regex("(a+)+$", local.s)) ? file("none") : file("none")}'
  const diagnostic = await diagnosticOf(t, output(value, { s: `${'a'.repeat(9_000)}b` }))
  assert.match(diagnostic?.detail ?? '', /There is no file "none"/)
})
