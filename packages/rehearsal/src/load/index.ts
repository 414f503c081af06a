/** Starts the load generator as a process of its own, so that it counts what it sees and nothing else. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromLoad, LedgerEntry, LoadOptions, RequestRecord, ToLoad } from './record.ts'

export interface RunningLoad {
  /** Records so far, in the order in which the requests ended. */
  readonly records: readonly RequestRecord[]
  /** Ends the load; resolves with the writes that were acknowledged and are not as they should be. */
  stop(): Promise<readonly LedgerEntry[]>
  kill(): void
}

const program = fileURLToPath(new URL('./main.ts', import.meta.url))

/** Throws when the generator cannot start, with the reason that it gives. */
export async function runLoad(options: LoadOptions): Promise<RunningLoad> {
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // A session of its own, and with it a priority of its own; it ends with its parent all the same.
    detached: true,
  })
  const records: RequestRecord[] = []
  child.on('message', (message: FromLoad) => {
    if (message.type === 'records') records.push(...message.records)
  })
  try {
    await ask(child, { type: 'start', options }, 'started')
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    records,
    async stop() {
      const { lost } = await ask(child, { type: 'stop' }, 'stopped')
      child.disconnect()
      return lost
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

function ask<T extends FromLoad['type']>(child: ChildProcess, message: ToLoad, answer: T) {
  return new Promise<Extract<FromLoad, { type: T }>>((resolve, reject) => {
    const finish = () => {
      child.off('message', onMessage)
      child.off('exit', onExit)
    }
    const onMessage = (reply: FromLoad) => {
      if (reply.type === answer) {
        finish()
        resolve(reply as Extract<FromLoad, { type: T }>)
      } else if (reply.type === 'failed') {
        finish()
        reject(new Error(`The load generator failed: ${reply.message}`))
      }
    }
    const onExit = (code: number | null) => {
      finish()
      reject(new Error(`The load generator ended by itself (${code}).`))
    }
    child.on('message', onMessage)
    child.on('exit', onExit)
    child.send(message)
  })
}
