/**
 * The network of an emulator in its engine: a bridge of its own with a free block of addresses. The first half of the
 * block is for tasks, the second for names of the emulator: each has an address of its own there, which the relay
 * answers (`relay/`).
 */
import { networkInterfaces } from 'node:os'
import { EngineError } from './engine-error.ts'
import type { Engine } from './find-engine.ts'
import { type EmulatorNaming, emulatorLabel } from './naming.ts'

export interface EmulatorNetwork {
  readonly name: string
  readonly gateway: string
  /** First address and mask of the half that is for names. */
  readonly names: { readonly address: string; readonly mask: string; readonly count: number }
}

/** A block of 1024 addresses: 10.a.b.0/22. */
const blocks = Array.from({ length: 64 * 64 }, (_, index) => [192 + (index >> 6), (index & 63) * 4] as const)

/** Creates the network. Throws where none of some blocks is free, or where the engine refuses for another reason. */
export async function createEmulatorNetwork(
  { client }: Pick<Engine, 'client'>,
  naming: EmulatorNaming,
  random: () => number = Math.random,
): Promise<EmulatorNetwork> {
  const first = Math.floor(random() * blocks.length)
  const attempts = 32
  let failure: unknown
  for (let attempt = 0; attempt < attempts; attempt++) {
    const [second, third] = blocks[(first + attempt * 67) % blocks.length] ?? [192, 0]
    const beginning = `10.${second}.${third}.`
    if (isOwn(second, third)) continue
    const gateway = `${beginning}1`
    try {
      await client.call('POST', '/networks/create', {
        body: {
          Name: naming.prefix,
          Driver: 'bridge',
          CheckDuplicate: true,
          Labels: { [emulatorLabel]: naming.mark },
          IPAM: {
            Config: [{ Subnet: `${beginning}0/22`, IPRange: `${beginning}0/23`, Gateway: gateway }],
          },
        },
      })
      const names = { address: `10.${second}.${third + 2}.0`, mask: '255.255.254.0', count: 500 }
      return { name: naming.prefix, gateway, names }
    } catch (error) {
      if (!(error instanceof EngineError) || !/overlap|already used|subnet/i.test(error.message)) throw error
      failure = error
    }
  }
  throw new Error(`no block of ${attempts} in 10.192.0.0/10 is free for the network of the tasks: ${failure}`)
}

/** Whether this machine has an address in the block already. */
function isOwn(second: number, third: number): boolean {
  return Object.values(networkInterfaces())
    .flat()
    .some((each) => {
      const [a, b, c] = each?.address.split('.').map(Number) ?? []
      return a === 10 && b === second && c !== undefined && c >= third && c < third + 4
    })
}

/** The n-th address for names, from 0. */
export function nameAddress({ names }: EmulatorNetwork, index: number): string {
  const [a = 0, b = 0, c = 0] = names.address.split('.').map(Number)
  // Neither the first nor the last address of the block.
  const offset = index + 1
  return `${a}.${b}.${c + (offset >> 8)}.${offset & 255}`
}

/** Whether this machine reaches the network's addresses directly: it is the gateway then. */
export function reachesDirectly({ gateway }: EmulatorNetwork): boolean {
  return Object.values(networkInterfaces())
    .flat()
    .some((each) => each?.address === gateway)
}
