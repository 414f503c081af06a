/**
 * Starts the container of the relay. It runs the emulator's own Node, mounted with the libraries of this machine, so that no
 * image has to be pulled. In a virtual machine there is no such Node: there an image with Node is pulled.
 */
import { existsSync, realpathSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { metadataAddress } from '../../network/task-endpoint.ts'
import type { Engine } from '../engine/find-engine.ts'
import { type EmulatorNaming, emulatorLabel } from '../engine/naming.ts'
import type { EmulatorNetwork } from '../engine/network.ts'
import { architectureOf, type EngineImages } from '../image/engine-images.ts'
import { initProgram, ownBlock } from '../image/init-program.ts'
import { type RelayDoor, socketName } from './relay-door.ts'

const program = fileURLToPath(new URL('./relay.ts', import.meta.url))
/** Where the dynamic linker and the libraries of Node are, on any distribution. */
const libraryFolders = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/nix/store']
/** In a virtual machine: what runs the relay, and by which name it reaches this machine. */
const defaultImage = 'public.ecr.aws/docker/library/node:24-slim'
const hostName = 'host.docker.internal'
const startTimeoutMs = 60_000

export interface RelayOptions {
  readonly engine: Engine
  readonly images: EngineImages
  readonly naming: EmulatorNaming
  readonly network: EmulatorNetwork
  readonly door: RelayDoor
  /** For files that the container mounts. */
  readonly directory: string
}

/** Resolves when the relay has connected. */
export async function startRelay(options: RelayOptions): Promise<void> {
  const { engine, naming, network, door } = options
  const { client } = engine
  const init = join(options.directory, 'relay-init')
  const blocks = [
    ...ownBlock(0, network.names.address, network.names.mask),
    ...ownBlock(1, metadataAddress, '255.255.255.255'),
  ]
  await writeFile(init, initProgram(architectureOf(engine), blocks))
  await chmod(init, 0o755)
  const place =
    door.folder === undefined ? await inMachine(options) : await onThisMachine(options, door.folder)
  const { Id } = await client.call<{ Id: string }>('POST', '/containers/create', {
    query: { name: `${naming.prefix}-relay` },
    body: {
      Image: place.image,
      Entrypoint: ['/baton/init'],
      Cmd: place.command,
      Env: [`BATON_RELAY_TOKEN=${door.token}`, 'NODE_OPTIONS=--disable-warning=ExperimentalWarning'],
      User: '0',
      Labels: { [emulatorLabel]: naming.mark },
      HostConfig: {
        NetworkMode: network.name,
        Binds: [`${init}:/baton/init:ro`, `${program}:/baton/relay.ts:ro`, ...place.binds],
        CapAdd: ['NET_ADMIN'],
        // A socket of another label would be refused where SELinux is on.
        SecurityOpt: ['label=disable'],
        LogConfig: { Type: 'none' },
        ...(place.extraHosts ? { ExtraHosts: place.extraHosts } : {}),
      },
    },
  })
  await client.call('POST', `/containers/${Id}/start`)
  const ended = client
    .call<{ StatusCode: number }>('POST', `/containers/${Id}/wait`)
    .then(({ StatusCode }) =>
      Promise.reject(new Error(`the relay of the tasks' network ended (${StatusCode})`)),
    )
  const late = new Promise<never>((_, reject) =>
    setTimeout(reject, startTimeoutMs, new Error("the relay of the tasks' network did not connect")).unref(),
  )
  ended.catch(() => undefined)
  await Promise.race([door.connected, ended, late])
}

interface Place {
  readonly image: string
  readonly command: readonly string[]
  readonly binds: readonly string[]
  readonly extraHosts?: readonly string[]
}

async function onThisMachine({ images }: RelayOptions, folder: string): Promise<Place> {
  const libraries = libraryFolders.filter((path) => existsSync(path))
  return {
    image: await images.pause(),
    command: ['/baton/node', '/baton/relay.ts', `/baton/socket/${socketName}`],
    binds: [
      ...libraries.map((path) => `${realpathSync(path)}:${path}:ro`),
      `${realpathSync(process.execPath)}:/baton/node:ro`,
      `${folder}:/baton/socket`,
    ],
  }
}

async function inMachine({ engine, door }: RelayOptions): Promise<Place> {
  const image = process.env.BATON_RELAY_IMAGE ?? defaultImage
  const [name = '', tag = 'latest'] = image.split(/:(?=[^/]*$)/)
  await engine.client.lines('POST', '/images/create', { query: { fromImage: name, tag } })
  return {
    image,
    command: ['/usr/local/bin/node', '/baton/relay.ts', `${hostName}:${door.port}`],
    binds: [],
    extraHosts: [`${hostName}:host-gateway`],
  }
}
