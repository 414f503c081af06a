/**
 * What a process of a task writes its output to: pipes, as a container's are. Those that Node makes for a child are
 * sockets: they hold a fraction of what a pipe holds, so that a process which writes and exits loses lines that it
 * would not lose in a container, and no program can open one by the name `/dev/stdout`.
 */
import { randomUUID } from 'node:crypto'
import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { FifoMaker } from './fifo-maker.ts'

export interface OutputPipes {
  /** For the process: its standard output and error. */
  readonly writers: readonly [number, number]
  /** End when the last process that holds the writing end has ended, or let it go. */
  readonly readers: readonly [Readable, Readable]
  /** To be called once the process has begun, or could not: what it holds is its own. */
  release(): void
}

/**
 * Their names are in the directory for a moment only. Undefined where the machine has no `mkfifo`: there is no other
 * way to a pipe that Node offers.
 */
export async function openOutputPipes(directory: string, maker: FifoMaker): Promise<OutputPipes | undefined> {
  const name = join(directory, randomUUID())
  if (!(await maker.makePair(name))) return undefined
  const output = openPipe(`${name}.out`)
  const error = openPipe(`${name}.err`)
  return {
    writers: [output.writer, error.writer],
    readers: [output.reader, error.reader],
    release() {
      closeSync(output.writer)
      closeSync(error.writer)
    },
  }
}

function openPipe(name: string): { writer: number; reader: Readable } {
  // The end that reads comes first, without waiting for one that writes: so neither waits.
  const fd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(name, constants.O_WRONLY)
  rmSync(name)
  return { writer, reader: new Socket({ fd, readable: true, writable: false }) }
}
