import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { until } from '../../test-kit/until.test-kit.ts'
import { createFifoMaker } from './fifo-maker.ts'

let directory: string
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'baton-test-'))
})
after(() => rm(directory, { recursive: true, force: true }))

const isFifo = (name: string) => statSync(join(directory, name)).isFIFO()
const childrenOf = (parent: number) =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, ppid, program]) => Number(ppid) === parent && program === 'sh')
    .map(([pid]) => Number(pid))

test('makes pairs of FIFOs for callers that ask at the same time, and says where it could not', async () => {
  const maker = createFifoMaker()
  const asked = ['one', 'two', 'no/such', 'three', 'one'].map((name) => maker.makePair(join(directory, name)))
  assert.deepEqual(await Promise.all(asked), [true, true, false, true, false])
  for (const name of ['one', 'two', 'three']) assert.ok(isFifo(`${name}.out`) && isFifo(`${name}.err`))
})

test('goes on with another shell when its own was ended', async () => {
  const maker = createFifoMaker()
  const others = childrenOf(process.pid)
  await maker.makePair(join(directory, 'before'))
  const own = childrenOf(process.pid).filter((pid) => !others.includes(pid))
  assert.equal(own.length, 1)
  process.kill(own[0] ?? 0, 'SIGKILL')
  await until(() => maker.makePair(join(directory, `after-${Math.random()}`)))
})

test('rests when it is asked to, and resumes at the next request', async () => {
  const maker = createFifoMaker()
  const others = childrenOf(process.pid)
  const ownShells = () => childrenOf(process.pid).filter((pid) => !others.includes(pid)).length
  assert.equal(await maker.makePair(join(directory, 'working')), true)
  maker.rest()
  await until(() => ownShells() === 0)
  const asked = maker.makePair(join(directory, 'again'))
  maker.rest()
  assert.equal(await asked, true)
  assert.equal(ownShells(), 1)
})

test('leaves no process when the one that it works for is killed', async () => {
  const code = `
    import { createFifoMaker } from ${JSON.stringify(new URL('./fifo-maker.ts', import.meta.url).href)}
    console.log(await createFifoMaker().makePair(${JSON.stringify(join(directory, 'killed'))}))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  assert.equal(String(await once(child.stdout, 'data')), 'true\n')
  const [shell = 0] = childrenOf(child.pid ?? 0)
  process.kill(shell, 0)
  child.kill('SIGKILL')
  await until(() => {
    try {
      process.kill(shell, 0)
      return false
    } catch {
      return true
    }
  })
})
