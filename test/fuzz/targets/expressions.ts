/** Terraform's expressions: every text is parsed and evaluated, or refused as an error of the text. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GeneratorValue } from 'fast-check'
import { openStore } from '../../../packages/emulator/src/store.ts'
import { functions } from '../../../packages/emulator/src/terraform/functions/index.ts'
import { createTerraform, TerraformError } from '../../../packages/emulator/src/terraform/index.ts'
import { hostileJson, hostileText, oneOf, rarely } from '../hostile.ts'
import { assertNothingLeaks, Finding, type Target } from '../target.ts'

const names = Object.keys(functions).filter((name) => !name.startsWith('file'))

const tokens =
  '${ %{ } { } ( ) [ ] . , : ? = => == != < > <= >= + - * / % ! && || ... .* [*] " \\ \\u12 \\UFFFFFFFF <<EOT # // /* */ ~} for in if else endif endfor true null local.a var.x each.key self path.module 1e999 0x1 0.1e-9 __proto__ constructor'.split(
    ' ',
  )

function expression(g: GeneratorValue, depth: number): string {
  const next = () => expression(g, depth - 1)
  const kind = depth === 0 ? 0 : oneOf(g, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  const many = () => Array.from({ length: oneOf(g, [0, 1, 2, 3]) }, next).join(', ')
  if (kind <= 1)
    return oneOf(g, [
      '1',
      '-0.5',
      '1e308',
      'null',
      'true',
      'local.a',
      'local.b',
      JSON.stringify(hostileText(g).slice(0, 300)),
    ])
  if (kind <= 5) return `${oneOf(g, names)}(${many()}${rarely(g, 10) ? '...' : ''})`
  if (kind === 6) return `[${many()}]`
  if (kind === 7) return `{ ${next()} = ${next()}, b = ${next()} }`
  if (kind === 8) return `[for k, v in ${next()} : ${next()} if ${next()}]`
  return oneOf(g, [
    `(${next()} ? ${next()} : ${next()})`,
    `${next()}[${next()}]`,
    `${next()} ${oneOf(g, ['+', '-', '*', '/', '%', '==', '<', '&&'])} ${next()}`,
    `{ for v in ${next()} : v => v... }`,
    `"%{ for x in ${next()} ~} ${'${x}'} %{ endfor }"`,
  ])
}

const soup = (g: GeneratorValue): string =>
  Array.from({ length: oneOf(g, [1, 3, 6, 12]) }, () =>
    rarely(g, 5) ? hostileText(g) : oneOf(g, tokens),
  ).join(oneOf(g, ['', ' ']))

export const expressionsTarget: Target = {
  name: 'expressions',
  deadlineMs: 10_000,
  casesPerRound: 300,
  async open() {
    const folder = await mkdtemp(join(tmpdir(), 'baton-fuzz-hcl-'))
    const store = openStore(':memory:')
    const types = { resources: [], dataSources: [], ephemerals: [] }
    const terraform = createTerraform({ store, accountId: '000000000000', region: 'us-east-1', types })
    return {
      async attempt(g, watch) {
        const text = rarely(g, 3) ? soup(g) : `\${${expression(g, 3)}}`
        const document = {
          locals: { a: hostileJson(g), b: ['x', 2, { c: null }] },
          output: { o: { value: text } },
        }
        watch.trying(document)
        await writeFile(join(folder, 'cdk.tf.json'), JSON.stringify(document))
        await onlyItsOwnErrors(() => terraform.plan(folder, { stack: 'fuzz' }))
      },
      async [Symbol.asyncDispose]() {
        store.close()
        await rm(folder, { recursive: true, force: true })
      },
    }
  },
}

/** Terraform's diagnostics, each with a text for the person who wrote the configuration. */
export async function onlyItsOwnErrors(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof TerraformError)) throw error
    for (const { summary, detail } of error.diagnostics) {
      assertNothingLeaks(`${summary} ${detail}`)
      if (
        /Maximum call stack|Cannot read properties|is not a function|is not iterable/.test(
          `${summary} ${detail}`,
        )
      )
        throw new Finding(
          `a mistake of the engine is reported as one of the configuration: ${summary}: ${detail}`,
        )
    }
  }
}
