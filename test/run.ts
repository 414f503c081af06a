/**
 * Runs the whole test suite and ends with one line that people and CI read: `N passed, N failed`. The unit tests
 * go first, four files at a time, because many of them wait; then the journeys, two at a time, because each keeps a
 * processor busy. The one that measures has the machine to itself. Arguments name parts of paths: `npm test -- elbv2`.
 */

import { globSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'

interface Count {
  passed: number
  failed: number
  skipped: number
}

const root = fileURLToPath(new URL('..', import.meta.url))
const wanted = process.argv.slice(2)
const journeys = find('test/journeys/*.test.ts')
const measures = (file: string) => file.endsWith('/rehearse.test.ts')
const units = find(
  'packages/*/src/**/*.test.ts',
  'examples/*/apps/*/{src,test}/**/*.test.ts',
  'test/*.test.ts',
)

/** The long ones, longest first: were one of them the last, it would have half of the machine to itself. */
const long = ['mistakes', 'up', 'living', 'bad-input', 'interrupt']
const place = (file: string) => {
  const index = long.findIndex((name) => file.endsWith(`/${name}.test.ts`))
  return index < 0 ? long.length : index
}

// The files load much the same modules: what one has compiled the next need not.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'baton-compile-cache')

const count: Count = { passed: 0, failed: 0, skipped: 0 }
await runFiles(units, 4)
await runFiles(journeys.filter(measures), 1)
await runFiles(
  journeys.filter((file) => !measures(file)).sort((a, b) => place(a) - place(b)),
  2,
)
console.log(
  `${count.passed} passed, ${count.failed} failed${count.skipped > 0 ? `, ${count.skipped} skipped` : ''}`,
)
process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0

/** Test files that match the patterns and, where arguments name parts of paths, one of those. */
function find(...patterns: string[]): string[] {
  return globSync(patterns, { cwd: root, exclude: (path) => path.includes('node_modules') })
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    .map((file) => `${root}${file}`)
    .sort()
}

function runFiles(files: string[], concurrency: number): Promise<void> {
  if (files.length === 0) return Promise.resolve()
  const stream = run({ files, concurrency, cwd: root })
  stream.on('test:pass', (event) => {
    if (event.details.type === 'suite' || files.includes(event.name)) return
    if (event.skip !== undefined || event.todo !== undefined) count.skipped++
    else count.passed++
  })
  stream.on('test:fail', (event) => {
    if (event.details.type !== 'suite') count.failed++
  })
  const report = stream.compose(new spec())
  report.pipe(process.stdout, { end: false })
  return new Promise((resolve, reject) => report.once('end', resolve).once('error', reject))
}
