/**
 * How long synthesis takes: the platform of this repository as a whole process, and its growth with the number
 * of sites and services (synthesis only). `npm run bench:synth`
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { loadPlatform, type Platform } from '@baton/config'
import { synth } from '@baton/infra'

const repository = resolve(import.meta.dirname, '..')
const outDir = mkdtempSync(join(tmpdir(), 'baton-bench-'))
const platform = await loadPlatform(join(repository, 'examples/accounts/baton.config.ts'))

/** A platform of `count` sites, each with a service of its own. */
function grown(count: number): Platform {
  const numbers = Array.from({ length: count }, (_, index) => index)
  const [site] = platform.sites
  const [service] = platform.services
  if (site === undefined || service === undefined) throw new Error('the platform has a site and a service')
  const host = (n: number) => `host-${n}.${platform.domain}`
  return {
    ...platform,
    sites: numbers.map((n) => ({ ...site, name: `s${n}`, host: host(n), service: `v${n}` })),
    services: numbers.map((n) => ({ ...service, name: `v${n}`, hosts: [host(n)] })),
  }
}

async function timed(work: () => unknown): Promise<number> {
  const started = performance.now()
  await work()
  return Math.round(performance.now() - started)
}

try {
  const command = join(repository, 'packages/cli/bin/baton.js')
  const synthesize = () =>
    timed(() => {
      const run = spawnSync(process.execPath, [command, 'synth', '--out', outDir], { cwd: repository })
      if (run.status !== 0) throw new Error(`baton synth ended with ${run.status}: ${run.stderr}`)
    })
  // The first start compiles; every other finds what it compiled.
  await synthesize()
  const wholeProcessMs = Math.min(await synthesize(), await synthesize(), await synthesize())
  const growth: Record<string, number> = {}
  for (const count of [1, 10, 25, 50]) growth[`${count}`] = await timed(() => synth(grown(count), { outDir }))
  console.log(`default platform, whole process   ${wholeProcessMs} ms`)
  for (const [count, ms] of Object.entries(growth)) {
    const ratio = (ms / (growth['1'] ?? ms)).toFixed(1)
    console.log(`${count.padStart(2)} sites and services, synthesis  ${ms} ms (${ratio} × one)`)
  }
  console.log(JSON.stringify({ wholeProcessMs, synthesisMsBySitesAndServices: growth }))
} finally {
  rmSync(outDir, { recursive: true })
}
