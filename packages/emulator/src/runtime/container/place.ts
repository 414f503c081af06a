/**
 * Where the tasks of an emulator run: its engine, and in it a network, the relay, and the images. It is recorded in the
 * state directory before anything is made, so that the next start, or `baton down`, finds what a killed emulator left.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { EmulatorContext } from '../../service.ts'
import { type Engine, findEngine } from './engine/find-engine.ts'
import { type EmulatorNaming, emulatorNaming } from './engine/naming.ts'
import { createEmulatorNetwork } from './engine/network.ts'
import { createEngineImages, type EngineImages } from './image/engine-images.ts'
import { recordEngine, removeFrom } from './leftovers.ts'
import { type ContainerDoors, createNameTable, writeHosts } from './names.ts'
import { startRelay } from './relay/relay-container.ts'
import { openRelayDoor } from './relay/relay-door.ts'
import { createTaskNamespaces, type TaskNamespaces } from './task-namespace.ts'
import { createTrust, type Trust } from './trust/trust.ts'

export interface Place {
  readonly engine: Engine
  readonly naming: EmulatorNaming
  readonly images: EngineImages
  readonly namespaces: TaskNamespaces
  readonly trust: Trust
  /** Removes every container and network of the emulator; its images stay. */
  close(): Promise<void>
}

/** How often names are compared with what the relay and the tasks know. */
const namesEveryMs = 500

export async function openPlace(options: {
  readonly context: Pick<EmulatorContext, 'stateDir' | 'authority'>
  /** For files that containers mount. */
  readonly directory: string
  readonly doors: ContainerDoors
  serveMetadata(socket: Duplex): void
}): Promise<Place> {
  const { context, directory } = options
  await using opened = new AsyncDisposableStack()
  const engine = await findEngine()
  opened.defer(() => engine.client.close())
  await mkdir(directory, { recursive: true, mode: 0o755 })
  const naming = emulatorNaming(context.stateDir)
  await recordEngine(context.stateDir, engine.client.address)
  opened.defer(async () => void (await removeFrom(engine, naming)))
  const images = createEngineImages(engine, naming)
  const network = await createEmulatorNetwork(engine, naming)
  const table = createNameTable(network, options.doors, options.serveMetadata)
  const door = await openRelayDoor({ local: engine.isLocal, serve: table.serve })
  opened.defer(() => door.close())
  await startRelay({ engine, images, naming, network, door, directory })

  const hostsFiles = new Map<string, { readonly address: string; readonly hostname: string }>()
  let known = ''
  async function followNames(): Promise<void> {
    const places = table.places()
    const text = places.join(' ')
    if (text === known) return
    known = text
    await door.listenAt(places)
    for (const [file, own] of hostsFiles) writeHosts(file, table.hosts(own))
  }
  await followNames()
  const timer = setInterval(() => {
    followNames().catch((error) => console.error('the names of the emulator could not be passed on:', error))
  }, namesEveryMs)
  timer.unref()
  opened.defer(() => clearInterval(timer))

  const namespaces = createTaskNamespaces({
    engine,
    images,
    naming,
    network,
    directory,
    async keepHosts(file, own) {
      await followNames()
      hostsFiles.set(file, own)
      writeHosts(file, table.hosts(own))
      return () => void hostsFiles.delete(file)
    },
  })
  namespaces.prepareNext()
  const trust = await createTrust(context.authority, join(directory, 'trust'))
  const all = opened.move()
  return { engine, naming, images, namespaces, trust, close: () => all.disposeAsync() }
}
