/**
 * `kill -9` of an emulator again and again, at random moments of deployments, rollbacks, applies and pushes, while every
 * store is written to: `npm run bench:kill`, `-- --kills N --seed N`. After each, started again, everything must hold
 * (kill/invariants.ts). With `--rounds N` the seed also chooses the fault (kill/faults.ts), or `--fault` names it: PostgreSQL,
 * the command or the emulator killed, the emulator suspended, its port taken, its disk full. A seed repeats the choices,
 * not the machine's pace.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect, parseArgs } from 'node:util'
import { type Kill, killDuring, type Work } from './kill/cycle.ts'
import { drawnFaults, type FaultName, faults } from './kill/faults.ts'
import { eventually } from './kill/invariants.ts'
import { seeded } from './kill/random.ts'
import { openScene, type Scene } from './kill/scene.ts'
import { mountSmallDisk } from './kill/small-disk.ts'
import { openStage, processesWith } from './kill/stage.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    rounds: { type: 'string' },
    fault: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    work: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})
const kills = Number(values.rounds ?? values.kills)
const seed = Number(values.seed)
const speed = 120
/** Deployments are what this is about; the rest comes in between. */
const order = [
  'deployment',
  'stop',
  'deployment',
  'apply',
  'refused',
  'deployment',
  'alarm',
  'deployment',
  'push',
  'unwell',
  'deployment',
  'stop',
  'apply',
] as const satisfies Work[]

const random = seeded(seed)
const directory = mkdtempSync(join(tmpdir(), 'baton-bench-kill-'))
const disk = join(directory, 'disk')
const unmount = values.fault !== 'diskFull' ? undefined : mountSmallDisk(disk, 2_048)
const stage = openStage(unmount === undefined ? directory : disk, speed)
const done: (Kill & { readonly fault: FaultName })[] = []
const violations: string[] = []
console.log(`seed ${seed}, ${kills} kills, ${directory}`)
let scene: Scene | undefined
try {
  scene = await openScene(stage, { database: true })
  for (let n = 1; n <= kills; n++) await round(scene, n)
  await end(scene)
} catch (error) {
  violations.push(`it could not go on: ${inspect(error, { depth: 5 })}`)
} finally {
  await scene?.writers.stop().catch(() => undefined)
  if (stage.running()) await stage.stop().catch(() => undefined)
  for (const violation of violations) console.log(violation)
  if (!values.keep) unmount?.()
  if (!values.keep && violations.length === 0) rmSync(directory, { recursive: true, force: true })
}

async function round(scene: Scene, n: number): Promise<void> {
  const fault = chosenFault()
  const ordered = (values.work as Work | undefined) ?? order[(n - 1) % order.length] ?? 'deployment'
  const work = fault === 'diskFull' ? 'fullDisk' : ordered
  const kill = await killDuring(work, scene, random, n, faults[fault]).catch((cause) => {
    throw new Error(`round ${n}, ${fault} during ${work}`, { cause })
  })
  done.push({ ...kill, fault })
  const { afterMs, step, outcome, restartMs, writes } = kill
  console.log(
    `${String(n).padStart(3)}  ${fault.padEnd(17)}  ${work.padEnd(10)}  ${step.padEnd(36)} +${String(afterMs).padStart(3)} ms  ` +
      `${outcome.padEnd(9)}  served again in ${Math.round(restartMs)} ms, ${writes} writes found`,
  )
}

/** Without `--rounds` the emulator is killed, always. */
function chosenFault(): FaultName {
  if (values.rounds === undefined) return 'emulatorKilled'
  if (values.fault === undefined) return random.pick(drawnFaults)
  const named = Object.keys(faults).find((name) => name === values.fault) as FaultName | undefined
  if (named === undefined) throw new Error(`--fault is one of ${Object.keys(faults).join(', ')}`)
  if (named === 'diskFull' && unmount === undefined)
    throw new Error('no small disk can be mounted here: it needs root on Linux')
  return named
}

/** Destroyed and stopped, it leaves nothing. */
async function end({ stage, writers }: Scene): Promise<void> {
  await writers.stop()
  for (const stack of ['extra', 'service', 'registry']) await stage.emulator().destroy(stack)
  await stage.stop()
  for (const text of [stage.token, stage.stateDir]) {
    await eventually(async () => {
      const left = processesWith(text)
      if (left.length > 0) throw new Error(`processes ${left} are left`)
    }, 5_000)
  }
  const kept = ['s3', 'ecr', 'efs', 'lambda', 'rds', 'tasks', 'images'].flatMap((name) =>
    filesBelow(join(stage.stateDir, 'state', name)),
  )
  if (kept.length > 0) throw new Error(`files are left: ${kept}`)
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

const sorted = done.map(({ restartMs }) => restartMs).sort((a, b) => a - b)
const at = (share: number) =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)
const ended = (...outcomes: string[]) => done.filter(({ outcome }) => outcomes.includes(outcome)).length
console.log(
  JSON.stringify({
    bench: 'kill',
    seed,
    kills: done.length,
    violations: violations.length,
    faults: Object.fromEntries(
      [...Map.groupBy(done, ({ fault }) => fault)].map(([fault, rounds]) => [fault, rounds.length]),
    ),
    restartMsP50: at(0.5),
    restartMsP99: at(0.99),
    deploymentsContinued: ended('Succeeded'),
    deploymentsRolledBack: ended('Stopped', 'Failed'),
    writesFound: done.reduce((sum, { writes }) => sum + writes, 0),
  }),
)
process.exitCode = violations.length === 0 && done.length === kills ? 0 : 1
