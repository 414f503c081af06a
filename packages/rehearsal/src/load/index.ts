/** Starts the load generator as a separate process, so that it counts what it sees and nothing else. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromLoad, LedgerEntry, LoadOptions, ToLoad } from './record.ts'
import { type RecordList, Records } from './records.ts'

export interface RunningLoad {
  readonly pid: number | undefined
  /** Records so far, in the order in which the requests ended. */
  readonly records: RecordList
  /** Aborted, with a `LoadError` as its reason, when the generator ends without having been stopped. */
  readonly ended: AbortSignal
  /** Ends the load; resolves with the writes that were acknowledged and are not as they should be. */
  stop(): Promise<readonly LedgerEntry[]>
  kill(): void
}

/** Nothing can be said of a rehearsal whose load ended in its middle. */
export class LoadError extends Error {
  readonly fix: string
  constructor(what: string, fix: string) {
    super(`The load generator ${what}.`)
    this.name = 'LoadError'
    this.fix = fix
  }
}

const program = fileURLToPath(new URL('./main.ts', import.meta.url))

/** Throws `LoadError` when the generator cannot start, with the reason that it gives. */
export async function runLoad(options: LoadOptions): Promise<RunningLoad> {
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Its own session, and with it its own priority; it still ends with its parent.
    detached: true,
  })
  const records = new Records()
  child.on('message', (message: FromLoad) => {
    if (message.type !== 'records') return
    for (const record of message.records) records.push(record)
  })
  const ended = endOf(child)
  try {
    await ask(child, ended, { type: 'start', options }, 'started')
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    pid: child.pid,
    records,
    ended,
    async stop() {
      const { lost } = await ask(child, ended, { type: 'stop' }, 'stopped')
      child.disconnect()
      return lost
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

/** Listens as long as the process lives: an unhandled 'error' would end this one. */
function endOf(child: ChildProcess): AbortSignal {
  const over = new AbortController()
  child.on('error', ({ message }) => {
    over.abort(
      new LoadError(
        `cannot be used: ${message}`,
        'See whether this machine has processes and memory to spare.',
      ),
    )
  })
  child.once('exit', (code, signal) => {
    over.abort(
      new LoadError(
        `ended by itself (${signal ?? code})`,
        'See what it wrote above. Where the system killed it, it had too little memory: lower --rate or raise --speed.',
      ),
    )
  })
  return over.signal
}

function ask<T extends FromLoad['type']>(
  child: ChildProcess,
  ended: AbortSignal,
  message: ToLoad,
  answer: T,
): Promise<Extract<FromLoad, { type: T }>> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      child.off('message', onMessage)
      ended.removeEventListener('abort', onEnd)
    }
    const onMessage = (reply: FromLoad) => {
      if (reply.type === answer) {
        finish()
        resolve(reply as Extract<FromLoad, { type: T }>)
      } else if (reply.type === 'failed') {
        finish()
        reject(new LoadError(`failed: ${reply.message}`, 'Correct the traffic file (baton.rehearsal.ts).'))
      }
    }
    const onEnd = () => {
      finish()
      reject(ended.reason)
    }
    child.on('message', onMessage)
    ended.addEventListener('abort', onEnd)
    if (ended.aborted) return onEnd()
    // A failure to send is reported by the end of the process that causes it, once that is known.
    child.send(message, (error) => {
      if (error) child.emit('error', error)
    })
  })
}
