/**
 * Knip finds files that nothing uses, packages that are declared and not used, and packages that are used and not
 * declared (`knip.json`).
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { before, test } from 'node:test'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '..')

interface Named {
  readonly name: string
}

/** What Knip has to say of one file. */
interface Findings {
  readonly file: string
  readonly files: readonly Named[]
  readonly dependencies: readonly Named[]
  readonly devDependencies: readonly Named[]
  readonly unlisted: readonly Named[]
  readonly unresolved: readonly Named[]
  readonly binaries: readonly Named[]
  readonly exports: readonly Named[]
}

let findings: readonly Findings[] = []

before(async () => {
  const knip = resolve(root, 'node_modules/knip/bin/knip.js')
  const options = { cwd: root, maxBuffer: 64 << 20, timeout: 100_000 }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [knip, '--no-exit-code', '--reporter', 'json'],
    options,
  )
  findings = JSON.parse(stdout).issues
})

const of = (kind: Exclude<keyof Findings, 'file'>) =>
  findings.flatMap((each) =>
    each[kind].map(({ name }) => (kind === 'files' ? name : `${each.file}: ${name}`)),
  )

test('every file is used', () => assert.deepEqual(of('files'), []))

test('every package that is declared is used', () => {
  assert.deepEqual([...of('dependencies'), ...of('devDependencies')], [])
})

test('every package and program that is used is declared', () => {
  assert.deepEqual([...of('unlisted'), ...of('unresolved'), ...of('binaries')], [])
})

test('every export is used by another file', () => {
  assert.deepEqual(of('exports'), [])
})
