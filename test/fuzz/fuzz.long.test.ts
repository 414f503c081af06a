/** The fuzz run itself: a short one with a fixed seed finds nothing, and a finding is reported with what repeats it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { fuzz } from './run.ts'
import type { Target } from './target.ts'
import { targets } from './targets/index.ts'

const quiet = { durationMs: 0, rounds: 1, log: () => undefined }

for (const target of targets) {
  test(`${target.name}: a few hostile cases with a fixed seed find nothing`, {
    timeout: 120_000,
  }, async () => {
    const result = await fuzz({ ...quiet, targets: [target], seed: 1, casesPerRound: 15 })
    assert.deepEqual(result.findings, [])
    assert.equal(result.cases, 15)
  })
}

const failing = (attempt: (value: number) => Promise<void>): Target => ({
  name: 'failing',
  deadlineMs: 200,
  casesPerRound: 100,
  open: async () => ({
    attempt: (g) => attempt(g(fc.nat, { max: 1_000 })),
    async [Symbol.asyncDispose]() {},
  }),
})

const failures: Readonly<Record<string, [attempt: (value: number) => Promise<void>, what: RegExp]>> = {
  'an error': [
    async (value) => {
      if (value > 50) throw new Error('broken')
    },
    /it threw Error: broken/,
  ],
  'a case that does not end': [
    async (value) => {
      if (value > 900) await new Promise((resolve) => setTimeout(resolve, 1_000))
    },
    /no end after 200 ms/,
  ],
}

for (const [name, [attempt, what]] of Object.entries(failures)) {
  test(`finds ${name}, and again by its seed`, { timeout: 120_000 }, async () => {
    const options = { ...quiet, targets: [failing(attempt)], rounds: 3 }
    const { findings } = await fuzz({ ...options, seed: 7 })
    assert.equal(findings.length, 1)
    assert.match(findings[0]?.what ?? '', what)
    const seed = findings[0]?.seed ?? 0
    assert.equal(findings[0]?.reproduce, `npm run fuzz -- --target failing --seed ${seed} --rounds 1`)
    const repeated = await fuzz({ ...options, seed, rounds: 1 })
    assert.deepEqual(repeated.findings, findings)
  })
}

/** What one case that is this statement prints; in a process of its own, which may break. */
function outputOf(statement: string): Promise<string> {
  const program = `
    import { fuzz } from ${JSON.stringify(resolve(import.meta.dirname, 'run.ts'))}
    const attempt = async () => { ${statement} }
    const open = async () => ({ attempt, async [Symbol.asyncDispose]() {} })
    const target = { name: 'failing', deadlineMs: 200, casesPerRound: 1, open }
    const log = (line: string) => console.log(line)
    await fuzz({ targets: [target], seed: 7, durationMs: 0, rounds: 1, log })`
  const args = ['--input-type=module-typescript', '--eval', program]
  return new Promise((done) =>
    execFile(process.execPath, args, { timeout: 60_000 }, (_error, stdout) => done(stdout)),
  )
}

test('finds an error that nothing catches', { timeout: 120_000 }, async () => {
  const output = await outputOf("void Promise.reject(new Error('forgotten'))")
  assert.match(output, /FOUND by failing: nothing caught Error: forgotten/)
})

test('a case that keeps the event loop for good ends the run, with what repeats it', {
  timeout: 120_000,
}, async () => {
  const output = await outputOf('for (;;);')
  assert.match(output, /STUCK in failing: .*\n.*--target failing --seed 7 --rounds 1/)
})
