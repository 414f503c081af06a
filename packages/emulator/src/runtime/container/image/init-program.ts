/**
 * The first process of the containers that the emulator adds to those of tasks: a program of some hundred bytes, so that it
 * needs no image of a registry, no shell and no compiler. It prepares the network namespace that it is in, by a few system
 * calls, and then waits for ever, or becomes the program that its arguments name.
 *
 * It is written as machine code, because there is nothing to build it with on the machines where Baton runs. The pause
 * container of Kubernetes does the same with a C program.
 *
 * https://man7.org/linux/man-pages/man2/syscall.2.html
 * https://man7.org/linux/man-pages/man7/netdevice.7.html
 */

/** As image configurations spell them. */
export type Architecture = 'amd64' | 'arm64'

export const architectures: readonly Architecture[] = ['amd64', 'arm64']

/** A request to the kernel about the network: its number and the structure behind it. */
export interface NetworkRequest {
  readonly request: number
  readonly structure: Uint8Array
}

const SIOCADDRT = 0x890b
const SIOCSIFADDR = 0x8916
const SIOCSIFNETMASK = 0x891c
const AF_INET = 2
const SOCK_DGRAM = 2
const RTF_UP = 1
const RTF_HOST = 4

/** Makes an address reachable on the link of `eth0`, without a router. */
export function hostRoute(address: string): NetworkRequest {
  // struct rtentry of 64-bit Linux, which is followed by the device's name.
  const structure = new Uint8Array(120 + 8)
  structure.set(socketAddress(address), 8)
  structure.set(socketAddress('255.255.255.255'), 40)
  new DataView(structure.buffer).setUint16(56, RTF_UP | RTF_HOST, true)
  structure.set(Buffer.from('eth0\0'), 120)
  return { request: SIOCADDRT, structure }
}

/** Offset of the pointer to the device's name, and of that name, in the structure of a route. */
const deviceAt = { pointer: 88, name: 120 }

/** Makes all addresses of a block this namespace's own: `address` has the block's first bits, `mask` says how many. */
export function ownBlock(alias: number, address: string, mask: string): NetworkRequest[] {
  const request = (number: number, value: string) => {
    // struct ifreq: the interface's name, then the address.
    const structure = new Uint8Array(40)
    structure.set(Buffer.from(`lo:${alias}`), 0)
    structure.set(socketAddress(value), 16)
    return { request: number, structure }
  }
  return [request(SIOCSIFADDR, address), request(SIOCSIFNETMASK, mask)]
}

/** An ELF file for Linux. */
export function initProgram(architecture: Architecture, requests: readonly NetworkRequest[]): Buffer {
  const machine = machines[architecture]
  const data: Buffer[] = []
  const addresses: number[] = []
  // The size of the code does not depend on the addresses in it, so it is made twice.
  let offset = headerSize + codeOf(machine, requests, []).length
  offset += (8 - (offset % 8)) % 8
  const dataStart = offset
  for (const { request, structure } of requests) {
    const copy = Buffer.alloc(structure.length + ((8 - (structure.length % 8)) % 8))
    copy.set(structure)
    const address = base + offset
    if (request === SIOCADDRT) copy.writeBigUInt64LE(BigInt(address + deviceAt.name), deviceAt.pointer)
    data.push(copy)
    addresses.push(address)
    offset += copy.length
  }
  const code = codeOf(machine, requests, addresses)
  const padding = Buffer.alloc(dataStart - headerSize - code.length)
  const body = Buffer.concat([code, padding, ...data])
  return Buffer.concat([header(machine.elf, headerSize + body.length), body])
}

const base = 0x400000
const headerSize = 64 + 56

interface Machine {
  /** ELF's number of it. */
  readonly elf: number
  readonly calls: Readonly<Record<'socket' | 'ioctl' | 'execve' | 'ppoll', number>>
  /** A system call with up to three constant arguments. */
  call(number: number, ...values: readonly number[]): Buffer
  /** The same, with the first socket as its first argument. */
  callOnSocket(number: number, ...values: readonly number[]): Buffer
  readonly keepSocket: Buffer
  /** Replaces the program by that of its first argument; goes on where there is none, or where that fails. */
  readonly becomeArgument: Buffer
  /** Back to itself, `length` bytes before. */
  jumpBack(length: number): Buffer
}

function codeOf(machine: Machine, requests: readonly NetworkRequest[], addresses: readonly number[]): Buffer {
  const wait = machine.call(machine.calls.ppoll, 0, 0, 0)
  return Buffer.concat([
    machine.call(machine.calls.socket, AF_INET, SOCK_DGRAM, 0),
    machine.keepSocket,
    ...requests.map(({ request }, index) =>
      machine.callOnSocket(machine.calls.ioctl, request, addresses[index] ?? 0),
    ),
    machine.becomeArgument,
    wait,
    machine.jumpBack(wait.length),
  ])
}

const amd64: Machine = {
  elf: 62,
  calls: { socket: 41, ioctl: 16, execve: 59, ppoll: 271 },
  call(number, first = 0, second = 0, third = 0) {
    // mov edi, esi, edx; then the call.
    return bytes([0xbf, ...u32(first), 0xbe, ...u32(second), 0xba, ...u32(third)], amd64Call(number))
  },
  callOnSocket(number, second = 0, third = 0) {
    // mov rdi, r12; mov esi, edx.
    return bytes([0x4c, 0x89, 0xe7, 0xbe, ...u32(second), 0xba, ...u32(third)], amd64Call(number))
  },
  // mov r12, rax
  keepSocket: bytes([0x49, 0x89, 0xc4]),
  becomeArgument: bytes(
    [0x48, 0x8b, 0x04, 0x24], // mov rax, [rsp]: argc
    [0x48, 0x8b, 0x7c, 0x24, 0x10], // mov rdi, [rsp+16]: argv[1]
    [0x48, 0x8d, 0x74, 0x24, 0x10], // lea rsi, [rsp+16]: from argv[1] on
    [0x48, 0x8d, 0x54, 0xc4, 0x10], // lea rdx, [rsp+rax*8+16]: the environment
    amd64Call(59),
  ),
  // jmp, which counts from its own end.
  jumpBack: (length) => bytes([0xe9, ...u32(-(length + 5))]),
}

function amd64Call(number: number): number[] {
  // mov eax; xor r10d, r10d: the fourth argument; syscall.
  return [0xb8, ...u32(number), 0x45, 0x31, 0xd2, 0x0f, 0x05]
}

const arm64: Machine = {
  elf: 183,
  calls: { socket: 198, ioctl: 29, execve: 221, ppoll: 73 },
  call(number, first = 0, second = 0, third = 0) {
    return bytes(move(0, first), move(1, second), move(2, third), arm64Call(number))
  },
  callOnSocket(number, second = 0, third = 0) {
    // mov x0, x19
    return bytes(u32(0xaa1303e0), move(1, second), move(2, third), arm64Call(number))
  },
  // mov x19, x0
  keepSocket: bytes(u32(0xaa0003f3)),
  becomeArgument: bytes(
    u32(0xf94003e3), // ldr x3, [sp]: argc
    u32(0xf9400be0), // ldr x0, [sp, #16]: argv[1]
    u32(0x910043e1), // add x1, sp, #16: from argv[1] on
    u32(0x8b030c22), // add x2, x1, x3, lsl #3: the environment
    arm64Call(221),
  ),
  // b, in instructions of 4 bytes.
  jumpBack: (length) => bytes(u32(0x14000000 | (-(length / 4) & 0x03ffffff))),
}

function arm64Call(number: number): number[] {
  // The fourth argument is none; the number in x8; svc #0.
  return [...move(3, 0), ...move(8, number), ...u32(0xd4000001)]
}

/** movz and movk: a constant of 32 bits in a register. */
function move(register: number, value: number): number[] {
  const low = value & 0xffff
  const high = (value >>> 16) & 0xffff
  return [...u32(0xd2800000 | (low << 5) | register), ...u32(0xf2a00000 | (high << 5) | register)]
}

const machines: Readonly<Record<Architecture, Machine>> = { amd64, arm64 }

/** One segment, which is read, written and executed. https://man7.org/linux/man-pages/man5/elf.5.html */
function header(machine: number, size: number): Buffer {
  const result = Buffer.alloc(headerSize)
  result.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  result.writeUInt16LE(2, 16) // an executable
  result.writeUInt16LE(machine, 18)
  result.writeUInt32LE(1, 20)
  result.writeBigUInt64LE(BigInt(base + headerSize), 24) // where it begins
  result.writeBigUInt64LE(64n, 32) // where the segments are described
  result.writeUInt16LE(64, 52)
  result.writeUInt16LE(56, 54)
  result.writeUInt16LE(1, 56)
  result.writeUInt32LE(1, 64) // a segment to load
  result.writeUInt32LE(7, 68) // read, write, execute
  result.writeBigUInt64LE(BigInt(base), 80)
  result.writeBigUInt64LE(BigInt(base), 88)
  result.writeBigUInt64LE(BigInt(size), 96)
  result.writeBigUInt64LE(BigInt(size), 104)
  result.writeBigUInt64LE(0x10000n, 112) // aligned to any page
  return result
}

function socketAddress(address: string): Uint8Array {
  return new Uint8Array([AF_INET, 0, 0, 0, ...address.split('.').map(Number), 0, 0, 0, 0, 0, 0, 0, 0])
}

function u32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff]
}

function bytes(...parts: readonly (readonly number[])[]): Buffer {
  return Buffer.from(parts.flat())
}
