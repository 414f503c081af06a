/**
 * The names of the emulator as its containers see them: each has an address on their network, where the relay waits on
 * the ports by AWS's count. A hosts file, mounted into every container of a task, says which; it is written again when the
 * names change.
 */
import { chmodSync, writeFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { metadataAddress } from '../network/task-endpoint.ts'
import { type EmulatorNetwork, nameAddress } from './engine/network.ts'

/** A name that the emulator answers, and the ports on which it does. */
export interface OwnedName {
  readonly name: string
  readonly ports: readonly number[]
}

/** What the emulator serves to containers. */
export interface ContainerDoors {
  names(): readonly OwnedName[]
  /** Serves a connection that a task made to the name's port. */
  serve(name: string, port: number, socket: Duplex): void
}

export interface NameTable {
  /** Every `address:port` at which a task reaches the emulator, the metadata's included. */
  places(): string[]
  serve(place: string, socket: Duplex): void
  /** The content of a hosts file; `hostname` is the container's own. */
  hosts(own: { readonly address: string; readonly hostname: string }): string
}

/** `serveMetadata` answers what comes in at AWS's own address for it. */
export function createNameTable(
  network: EmulatorNetwork,
  doors: ContainerDoors,
  serveMetadata: (socket: Duplex) => void,
): NameTable {
  /** The address of each name that was seen once: it keeps it. */
  const addresses = new Map<string, string>()

  function addressOf(name: string): string {
    const known = addresses.get(name)
    if (known !== undefined) return known
    if (addresses.size >= network.names.count)
      throw new Error(`containers reach ${network.names.count} names of the emulator, and there are more`)
    const address = nameAddress(network, addresses.size)
    addresses.set(name, address)
    return address
  }

  const owned = () => doors.names().map(({ name, ports }) => ({ name: name.toLowerCase(), ports }))

  return {
    places() {
      const places = owned().flatMap(({ name, ports }) => ports.map((port) => `${addressOf(name)}:${port}`))
      return [...new Set([`${metadataAddress}:80`, ...places])]
    },
    serve(place, socket) {
      const [address = '', port = ''] = place.split(':')
      if (address === metadataAddress) return serveMetadata(socket)
      const [name] = [...addresses].find(([, each]) => each === address) ?? []
      if (name === undefined) return void socket.destroy()
      doors.serve(name, Number(port), socket)
    },
    hosts({ address, hostname }) {
      const lines = owned().map(({ name }) => `${addressOf(name)} ${name}`)
      return ['127.0.0.1 localhost', '::1 localhost', `${address} ${hostname}`, ...new Set(lines), ''].join(
        '\n',
      )
    },
  }
}

/** In place, because a mounted file is the file and not its name. */
export function writeHosts(file: string, content: string): void {
  writeFileSync(file, content)
  // For every user of a container, whatever the emulator's umask is.
  chmodSync(file, 0o644)
}
