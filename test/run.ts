/**
 * Runs the tests and ends with one line that people and CI read: `N passed, N failed`. Files that wait run four at a
 * time; then the long ones, two at a time, because each keeps a processor busy; the one that measures has the machine
 * to itself. Arguments name parts of paths: `npm test -- elbv2` runs those files of every tier. `--tier` is one of
 * `runner/tiers.ts`.
 */

import { globSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { parseArgs } from 'node:util'
import { compileCacheFolder } from '../packages/cli/bin/compile-cache.js'
import { summarize } from './runner/report.ts'
import { type FileResult, runFile } from './runner/run-file.ts'
import { runs, type Tier, tiers } from './runner/tiers.ts'

const { values: options, positionals: parts } = parseArgs({
  allowPositionals: true,
  options: {
    tier: { type: 'string' },
    /** Where the files are; the runner's own test has a folder of its own. */
    root: { type: 'string', default: resolve(import.meta.dirname, '..') },
    /** Seconds that a file may take, instead of what its kind may. */
    timeout: { type: 'string' },
  },
})
const root = resolve(options.root)
const tier = (options.tier ?? (parts.length > 0 ? 'full' : 'core')) as Tier
if (!tiers.includes(tier)) throw new Error(`--tier is "${tier}". It can be ${tiers.join(', ')}`)

const isJourney = (file: string) => file.includes('test/journeys/')
const measures = (file: string) => file.endsWith('/rehearse.test.ts')
const isBusy = (file: string) => isJourney(file) || /\.long\.test\.tsx?$|test\/conformance\//.test(file)

const files = globSync(
  ['packages/*/src/**/*.test.ts', 'examples/*/apps/*/{src,test}/**/*.test.ts', 'test/**/*.test.ts'],
  {
    cwd: root,
    exclude: (path) => path.includes('node_modules'),
  },
)
  .map((file) => file.split(sep).join('/'))
  .filter((file) => (parts.length === 0 ? runs(tier, file) : parts.some((part) => file.includes(part))))
  .sort((a, b) => place(a) - place(b) || a.localeCompare(b))

/** The long ones, longest first: were one of them the last, it would have half of the machine to itself. */
function place(file: string): number {
  const long = ['mistakes', 'up', 'living', 'bad-input', 'interrupt', 'awscli', 'on-emulator']
  const index = long.findIndex((name) => file.endsWith(`/${name}.test.ts`))
  return index < 0 ? long.length : index
}

// The files load much the same modules: what one has compiled the next need not.
const compileCache = process.env.NODE_COMPILE_CACHE ?? compileCacheFolder()
if (compileCache !== undefined) process.env.NODE_COMPILE_CACHE = compileCache
process.env.BATON_TEST_TIER = tier

const started = performance.now()
const results: FileResult[] = []
await runFiles(
  files.filter((file) => !isBusy(file)),
  4,
)
await runFiles(files.filter(measures), 1)
await runFiles(
  files.filter((file) => isBusy(file) && !measures(file)),
  2,
)
const summary = summarize(results, {
  root,
  skipsFail: process.env.CI === 'true',
  without: (process.env.BATON_TEST_WITHOUT ?? '').split(' ').filter((program) => program !== ''),
  durationMs: performance.now() - started,
})
console.log(summary.text)
process.exitCode = summary.failed > 0 || results.length === 0 ? 1 : 0
if (results.length === 0) console.error('No test file was found.')

/** Seconds that a file may take before it is killed. */
function limitOf(file: string): number {
  if (options.timeout !== undefined) return Number(options.timeout)
  if (isBusy(file)) return 900
  // Each of these starts one process after the other; beside other work on the machine they need minutes.
  return /\/((on-emulator|roll-out)\.long|product)\.test\.ts$/.test(file) ? 300 : 120
}

async function runFiles(queue: string[], atOnce: number): Promise<void> {
  const next = queue.values()
  const worker = async () => {
    for (const file of next) {
      const result = await runFile(join(root, file), { cwd: root, timeoutMs: limitOf(file) * 1000 })
      results.push(result)
      const sign = result.failures.length > 0 ? '✖' : '✔'
      console.log(`${sign} ${relative(root, result.file)} (${(result.durationMs / 1000).toFixed(1)} s)`)
      if (result.output !== '') console.log(result.output.replaceAll(/^/gm, '  '))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
