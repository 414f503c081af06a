/**
 * Ends the process when one case keeps the event loop for good: then no timer of its own fires. A thread watches, because
 * nothing on the same thread can.
 */
import { Worker } from 'node:worker_threads'

export interface Watchdog extends AsyncDisposable {
  /** A case begins. What is printed if it does not end, and the time it has. */
  begin(report: string, deadlineMs: number): void
  end(): void
}

const source = `
const { parentPort, workerData } = require('node:worker_threads')
const { writeSync } = require('node:fs')
const beat = new Int32Array(workerData)
let report = ''
parentPort.on('message', (text) => { report = text })
setInterval(() => {
  const left = Atomics.sub(beat, 0, 1)
  if (left !== 1) return
  writeSync(1, report + '\\n')
  process.kill(process.pid, 'SIGKILL')
}, 1000)
`

export function startWatchdog(): Watchdog {
  const memory = new SharedArrayBuffer(4)
  const seconds = new Int32Array(memory)
  const worker = new Worker(source, { eval: true, execArgv: [], workerData: memory })
  worker.unref()
  return {
    begin(report, deadlineMs) {
      worker.postMessage(report)
      Atomics.store(seconds, 0, Math.ceil(deadlineMs / 1000) + 1)
    },
    end: () => void Atomics.store(seconds, 0, 0),
    async [Symbol.asyncDispose]() {
      await worker.terminate()
    },
  }
}
