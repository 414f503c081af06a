/**
 * How long the application takes by itself: the same `server.js`, started the same way, asked for its health until it
 * answers. What a deployment takes beyond that is the emulator's.
 */
import { spawn } from 'node:child_process'
import { Agent, get } from 'node:http'
import { lowerPriority } from '../../packages/emulator/src/runtime/process/processor-share.ts'

const address = '127.0.0.1'
const port = 18_473

/** Milliseconds from the start of one process of the application to its first healthy answer. */
export async function startAlone(folder: string): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, ['server.js'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOST: address, PORT: String(port) },
    stdio: 'ignore',
    detached: true,
  })
  try {
    // As the emulator lets its tasks start, or a busy machine would count against it.
    if (child.pid !== undefined) lowerPriority(child.pid)
    while (!(await healthy())) {
      if (performance.now() - started > 30_000) throw new Error('the application does not start by itself')
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return performance.now() - started
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
}

function healthy(): Promise<boolean> {
  return new Promise((resolve) => {
    get({ host: address, port, path: '/health', agent: new Agent() }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode === 200))
    }).on('error', () => resolve(false))
  })
}
