import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { findTerraform } from './binary.ts'
import { addFake } from './fake-terraform.test-kit.ts'
import { TerraformError } from './terraform-error.ts'

const made: string[] = []
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'baton-bin-'))
  made.push(path)
  return path
}
after(() => {
  for (const path of made) rmSync(path, { recursive: true })
})

const failing = async (environment: Record<string, string>): Promise<TerraformError> => {
  try {
    const found = await findTerraform(environment)
    throw new Error(`found ${found.path}`)
  } catch (error) {
    assert.ok(error instanceof TerraformError, String(error))
    return error
  }
}

describe('findTerraform', () => {
  test('takes terraform before tofu, wherever on the PATH they stand', async () => {
    const [first, second] = [folder(), folder()]
    addFake(first, 'tofu', '1.11.5')
    addFake(second, 'terraform')
    assert.deepEqual(await findTerraform({ PATH: `${first}:${second}` }), {
      path: join(second, 'terraform'),
      product: 'Terraform',
      version: '1.11.4',
    })
  })

  test('takes a tofu that is new enough where terraform is too old', async () => {
    const bin = folder()
    addFake(bin, 'terraform', '1.5.7')
    addFake(bin, 'tofu', '1.11.0')
    assert.equal((await findTerraform({ PATH: bin })).product, 'OpenTofu')
  })

  test('takes what TERRAFORM_BINARY names, and knows OpenTofu behind another name', async () => {
    const bin = folder()
    addFake(bin, 'tofu')
    symlinkSync(join(bin, 'tofu'), join(bin, 'terraform'))
    const found = await findTerraform({ PATH: '', TERRAFORM_BINARY: join(bin, 'terraform') })
    assert.equal(found.product, 'OpenTofu')
  })

  test('says what to install where there is none', async () => {
    const error = await failing({ PATH: folder() })
    assert.equal(error.code, 'binary-missing')
    assert.match(error.fix, /Install Terraform 1\.11\.0 or later.*OpenTofu.*TERRAFORM_BINARY/)
  })

  test('says that TERRAFORM_BINARY names nothing', async () => {
    const error = await failing({ PATH: folder(), TERRAFORM_BINARY: '/nowhere/terraform' })
    assert.match(error.message, /TERRAFORM_BINARY names \/nowhere\/terraform/)
  })

  test('names every one that is too old', async () => {
    const bin = folder()
    addFake(bin, 'terraform', '1.10.5')
    addFake(bin, 'tofu', '1.9.0')
    const error = await failing({ PATH: bin })
    assert.equal(error.code, 'binary-too-old')
    assert.match(error.message, /Terraform 1\.10\.5 .* and OpenTofu 1\.9\.0 .* takes 1\.11\.0 or later/)
  })

  test('a program that is not Terraform is recognized by its output', async () => {
    const bin = folder()
    writeFileSync(join(bin, 'terraform'), '#!/bin/sh\necho something else\n')
    chmodSync(join(bin, 'terraform'), 0o755)
    const error = await failing({ PATH: bin })
    assert.equal(error.code, 'binary-broken')
    assert.match(error.message, /something else/)
  })
})

describe('a version', () => {
  const cases: [version: string, accepted: boolean][] = [
    ['1.11.0', true],
    ['1.11.4', true],
    ['1.9.8', false],
    ['2.0.0', true],
    ['1.11.0-rc1', false],
    ['1.12.0-beta1', true],
  ]
  for (const [version, accepted] of cases) {
    test(`${version} is ${accepted ? 'new enough' : 'too old'}`, async () => {
      const bin = folder()
      addFake(bin, 'terraform', version)
      if (accepted) assert.equal((await findTerraform({ PATH: bin })).version, version)
      else assert.equal((await failing({ PATH: bin })).code, 'binary-too-old')
    })
  }
})
