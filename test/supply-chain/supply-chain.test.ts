/** What is installed from outside: every package with its checksum, its licence and its reason to run a script. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { path, read } from '../documents.test-kit.ts'
import { isAllowedLicence } from './licence.ts'
import { lockedPackages } from './lock-file.ts'

const packages = lockedPackages()

test('the lock file has packages', () => assert.ok(packages.length > 100))

test('every package has a checksum, of its own or of the package that bundles it', () => {
  const without = packages.filter(({ folder, integrity, inBundle }) => {
    if (integrity !== undefined) return !integrity.startsWith('sha512-')
    const parent = folder.slice(0, folder.lastIndexOf('/node_modules/'))
    return !(inBundle && packages.some((each) => each.folder === parent && each.integrity !== undefined))
  })
  assert.deepEqual(
    without.map(({ folder }) => folder),
    [],
  )
})

test('every package comes from the registry, not from an address', () => {
  const addressed = packages.filter(({ resolved }) => resolved !== undefined)
  assert.deepEqual(
    addressed.map(({ folder, resolved }) => `${folder}: ${resolved}`),
    [],
  )
})

test('SECURITY.md names every package that may run a script when it is installed, and no other', () => {
  const { allowScripts } = JSON.parse(read('package.json')) as { allowScripts: Record<string, boolean> }
  const scripted = new Set(packages.filter((each) => each.hasInstallScript).map(({ name }) => name))
  assert.ok(scripted.size > 1, 'the lock file has been read')
  const listed = [...read('SECURITY.md').matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name)
  const matches = (pattern: string, name: string) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
  assert.deepEqual(
    [...scripted, ...Object.keys(allowScripts)].filter(
      (name) => !listed.some((pattern) => matches(pattern, name)),
    ),
    [],
    'not listed',
  )
  assert.deepEqual(
    listed.filter((pattern) => ![...scripted].some((name) => matches(pattern, name))),
    [],
    'listed, and without a script',
  )
  assert.deepEqual(
    Object.keys(allowScripts).filter((name) => !scripted.has(name)),
    [],
    'allowed, and without a script',
  )
})

/** Packages with another licence, by name, each with the reason why it may be used. */
const exceptions: Readonly<Record<string, string>> = {}

test('every package has a licence that is allowed', () => {
  const refused = packages.filter(
    // The licence of a bundled package is in the package that bundles it; the lock file may not have it.
    ({ name, license, inBundle }) =>
      exceptions[name] === undefined && !(inBundle && license === undefined) && !isAllowedLicence(license),
  )
  assert.deepEqual(
    refused.map(({ folder, license }) => `${folder}: ${license ?? 'none'}`),
    [],
  )
  const needless = Object.keys(exceptions).filter((name) => !packages.some((each) => each.name === name))
  assert.deepEqual(needless, [], 'excepted, and not installed')
})

test('a licence is allowed by all parts of AND, and by one part of OR', () => {
  for (const licence of ['MIT', '(MIT OR GPL-3.0-only)', 'MIT AND ISC', '(MIT AND ISC) OR AGPL-3.0-only'])
    assert.ok(isAllowedLicence(licence), licence)
  for (const licence of [
    undefined,
    '',
    'GPL-3.0-only',
    'MIT AND GPL-3.0-only',
    'MIT AND (ISC OR',
    'UNLICENSED',
    'SEE LICENSE IN LICENSE',
    'MIT GPL-3.0-only',
  ])
    assert.ok(!isAllowedLicence(licence), licence)
})

interface Component {
  readonly name: string
  readonly version: string
  readonly hashes?: readonly unknown[]
}

// npm refuses to write the list when the lock file is not whole, such as for another system than the one it was written on.
test('the list of components (SBOM) has every package of the lock file', { timeout: 60_000 }, async () => {
  const { sbom = '' } = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts
  const { stdout } = await promisify(execFile)(sbom, { cwd: path('.'), maxBuffer: 64 << 20, shell: true })
  const { bomFormat, components } = JSON.parse(stdout) as { bomFormat: string; components: Component[] }
  assert.equal(bomFormat, 'CycloneDX')
  const listed = new Set(components.map(({ name, version }) => `${name}@${version}`))
  const missing = packages.filter(({ name, version }) => !listed.has(`${name}@${version}`))
  assert.deepEqual(
    missing.map(({ folder }) => folder),
    [],
  )
})

interface Manifest {
  readonly private?: boolean
  readonly publishConfig?: { readonly provenance?: boolean }
}

// https://docs.npmjs.com/generating-provenance-statements
test('a package of Baton is private, or is published with provenance', () => {
  const files = globSync('{package.json,packages/*/package.json,examples/*/apps/*/package.json}', {
    cwd: path('.'),
  })
  assert.ok(files.length > 5, 'the packages have been found')
  const without = files.filter((file) => {
    const manifest = JSON.parse(read(file)) as Manifest
    return manifest.private !== true && manifest.publishConfig?.provenance !== true
  })
  assert.deepEqual(without, [])
})
