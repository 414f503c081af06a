/** The load generator's process: its parent says what to send, and gets the record of every request. */
import { writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { pathToFileURL } from 'node:url'
import type { Traffic } from '../traffic/traffic.ts'
import { type Load, startLoad } from './generator.ts'
import type { FromLoad, RequestRecord, ToLoad } from './record.ts'

// A generator that waits for the processor measures itself. Only an administrator may ask for this; where the kernel
// groups processes by session, the session's value counts: https://man7.org/linux/man-pages/man7/sched.7.html
try {
  setPriority(constants.priority.PRIORITY_ABOVE_NORMAL)
  writeFileSync('/proc/self/autogroup', String(constants.priority.PRIORITY_ABOVE_NORMAL))
} catch {
  // Latency then includes what this machine does besides.
}

const flushMs = 200
let load: Load | undefined
let records: RequestRecord[] = []

const report = (message: FromLoad) => process.send?.(message)

const flush = () => {
  if (records.length > 0) report({ type: 'records', records })
  records = []
}

process.on('message', (message: ToLoad) => {
  act(message).catch((error) =>
    report({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
// The parent has ended: no one reads the records, so the load ends.
process.on('disconnect', () => process.exit(0))
// The parent decides when the load stops, whatever reaches this process too.
process.on('SIGINT', () => undefined)

async function act(message: ToLoad): Promise<void> {
  if (message.type === 'start') {
    const module: { default: Traffic } = await import(pathToFileURL(message.options.trafficModule).href)
    load = startLoad(module.default, message.options, (record) => records.push(record))
    setInterval(flush, flushMs).unref()
    report({ type: 'started' })
    return
  }
  const lost = await load?.stop()
  flush()
  report({ type: 'stopped', lost: lost ?? [] })
}
