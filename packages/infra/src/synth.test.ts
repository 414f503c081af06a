import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { synth } from './synth.ts'
import { containers, everything, plain, synthesize } from './synthesized.test-kit.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-infra-'))
after(() => rmSync(folder, { recursive: true }))

function files(root: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(root.length), readFileSync(file, 'base64')]),
  )
}

describe('synth', () => {
  test('writes the same bytes from any folder, for a platform that lives anywhere', async () => {
    const platform = await everything({ smokeTest: true })
    const [first, second] = [join(folder, 'first'), join(folder, 'deeper', 'second')]
    await synth(platform, { outDir: first })
    const here = process.cwd()
    process.chdir(folder)
    try {
      await synth({ ...platform, rootDir: '/elsewhere' }, { outDir: second })
    } finally {
      process.chdir(here)
    }
    assert.deepEqual(files(second), files(first))
    for (const content of Object.values(files(join(first, 'stacks')))) {
      const text = Buffer.from(content, 'base64').toString('latin1')
      assert.ok(
        !text.includes(folder) && !text.includes(platform.rootDir),
        'an absolute path got into the result',
      )
    }
    assert.ok('/assets/smoke-test.zip' in files(join(first, 'stacks', 'platform')))
  })

  test('keeps every address: a rename would replace what runs, so it ships a `moved` block', async () => {
    const platforms = [
      await synthesize(await everything({ smokeTest: true })),
      await synthesize(await containers()),
    ]
    const addresses = platforms.flatMap((stacks) =>
      Object.entries(stacks).flatMap(([name, stack]) =>
        stack.addresses.map((address) => `${name} ${address}`),
      ),
    )
    const golden = join(import.meta.dirname, 'addresses.golden.txt')
    const text = `${[...new Set(addresses)].join('\n')}\n`
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, text)
    assert.equal(text, readFileSync(golden, 'utf8'), 'UPDATE_GOLDEN=1 writes the list again')
  })

  test('refers only to what is there', async () => {
    const all = [
      await synthesize(await everything({ smokeTest: false })),
      await synthesize(await containers()),
    ]
    for (const stack of all.flatMap((stacks) => Object.values(stacks))) {
      const known = new Set(stack.addresses)
      const references = stack.text.matchAll(/(?<!\$)\$\{(?:tolist\()?((?:data\.|ephemeral\.)?aws_\w+\.\w+)/g)
      const missing = [...references]
        .map(([, address = '']) => address)
        .filter((address) => !known.has(address))
      assert.deepEqual(missing, [])
    }
  })

  test('demands a version of Terraform, in a file that leaves the stacks readable for scanners', async () => {
    const outDir = join(folder, 'versions')
    for (const { folder: stack } of (await synth(await plain(), { outDir })).stacks) {
      const { terraform } = JSON.parse(readFileSync(join(stack, 'versions.tf.json'), 'utf8'))
      // A list of lists: Checkov gives up on a file with a plain value in its block, and passes over this.
      assert.deepEqual(terraform, [[{ required_version: '>= 1.11.0' }]])
      const values = Object.values(JSON.parse(readFileSync(join(stack, 'cdk.tf.json'), 'utf8')).terraform)
      assert.ok(values.every((value) => typeof value === 'object'))
    }
  })

  test('takes at most two seconds of a processor once its modules are loaded', async () => {
    const platform = await plain()
    await synthesize(platform)
    const before = process.cpuUsage()
    await synthesize(platform)
    const { user, system } = process.cpuUsage(before)
    const seconds = (user + system) / 1_000_000
    assert.ok(seconds < 2, `${seconds} s`)
  })
})

describe('the extension', () => {
  async function withExtension(text: string) {
    const rootDir = mkdtempSync(join(folder, 'extension-'))
    writeFileSync(join(rootDir, 'baton.infra.ts'), text)
    return synthesize({ ...(await plain()), rootDir })
  }
  const index = JSON.stringify(join(import.meta.dirname, 'index.ts'))

  test('overrides and adds', async () => {
    const { platform } = await withExtension(`
      import { findResource, type Extension } from ${index}
      export default (({ platform }) => {
        findResource(platform, 'aws_lb.main').addOverride('idle_timeout', 120)
      }) satisfies Extension
    `)
    assert.equal(platform.at('aws_lb.main', 'idle_timeout'), 120)
  })

  test('gets an error that says what is wrong with it', async () => {
    await assert.rejects(
      withExtension(
        `import { findResource } from ${index}\nexport default ({ platform }) => findResource(platform, 'aws_lb.mian')\n`,
      ),
      { name: 'ConfigurationError', message: /there is no aws_lb\.mian/ },
    )
    await assert.rejects(withExtension('export const nothing = 1\n'), { name: 'ConfigurationError' })
  })
})
