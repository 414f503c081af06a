/**
 * What an emulator has in its engine: found by its label and ended, by the emulator itself when it stops, by the next start
 * after a `kill -9`, or by `baton down`. The state directory says which engine it was.
 */
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readMark } from '../process/process-mark.ts'
import { removeContainer } from './engine/containers.ts'
import type { EngineAddress } from './engine/engine-address.ts'
import { connectEngine, type Engine } from './engine/find-engine.ts'
import { type EmulatorNaming, filterOf, namingOf } from './engine/naming.ts'
import { tagsOf } from './image/engine-images.ts'

const fileOf = (stateDir: string) => join(stateDir, 'container-engine.json')

/** Certificates are not kept: their files are found again by the environment. */
type RecordedAddress = Omit<EngineAddress, 'tls'>

export async function recordEngine(
  stateDir: string,
  { tls: _tls, ...address }: EngineAddress,
): Promise<void> {
  await writeFile(fileOf(stateDir), JSON.stringify(address), { mode: 0o600 })
}

/** How many containers a killed emulator left. Rejects where the engine that has them does not answer. */
export async function removeLeftovers(stateDir: string): Promise<number> {
  return withEngineOf(stateDir, (engine, naming) => removeFrom(engine, naming)).then((count) => count ?? 0)
}

/** Removes the images, too: nothing of the emulator is in the engine then. */
export async function removeEverything(stateDir: string): Promise<void> {
  await withEngineOf(stateDir, async (engine, naming) => {
    await removeFrom(engine, naming)
    for (const tag of await tagsOf(engine, naming))
      await engine.client.call('DELETE', `/images/${tag}`, { query: { force: true } }).catch(() => undefined)
  })
  await rm(fileOf(stateDir), { force: true })
}

/** Ends and removes every container, then the network; the number of containers. */
export async function removeFrom(engine: Engine, naming: EmulatorNaming): Promise<number> {
  const query = { all: true, filters: filterOf(naming) }
  const containers = await engine.client.call<{ Id: string }[]>('GET', '/containers/json', { query })
  // Those of tasks first: the others hold their namespaces.
  await Promise.all(containers.map(({ Id }) => removeContainer(engine, Id).catch(() => undefined)))
  const left = await engine.client.call<{ Id: string }[]>('GET', '/containers/json', { query })
  for (const { Id } of left) await removeContainer(engine, Id)
  const networks = await engine.client.call<{ Name: string }[]>('GET', '/networks', {
    query: { filters: filterOf(naming) },
  })
  for (const { Name } of networks) await engine.client.call('DELETE', `/networks/${Name}`)
  return containers.length
}

async function withEngineOf<T>(
  stateDir: string,
  work: (engine: Engine, naming: EmulatorNaming) => Promise<T>,
): Promise<T | undefined> {
  const file = fileOf(stateDir)
  const mark = readMark(stateDir)
  // A copy of a directory names the original's containers.
  if (!existsSync(file) || mark === undefined) return undefined
  const address = JSON.parse(await readFile(file, 'utf8')) as RecordedAddress
  const engine = await connectEngine(address)
  try {
    return await work(engine, namingOf(mark))
  } finally {
    engine.client.close()
  }
}
