/** Turns what a process writes into lines, for the awslogs driver. */
import type { Readable } from 'node:stream'

/** The size of an event that CloudWatch Logs takes, less its overhead; a longer line is cut into several. */
const MAX_LINE = 256 * 1024 - 26

/** The driver sends events in batches; one write per line would cost more than the request that it logs. */
const BATCH_MS = 200

/** Calls `onLines` with the lines of some moments at a time, and with what is left when a stream ends. */
export function collectLines(
  streams: readonly Readable[],
  onLines: (lines: readonly string[]) => void,
): void {
  let batch: string[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const lines = batch
    batch = []
    if (lines.length > 0) onLines(lines)
  }
  for (const stream of streams) {
    let rest = ''
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      while (rest.length >= MAX_LINE) {
        lines.push(rest.slice(0, MAX_LINE))
        rest = rest.slice(MAX_LINE)
      }
      for (const line of lines) batch.push(line.endsWith('\r') ? line.slice(0, -1) : line)
      timer ??= setTimeout(flush, BATCH_MS)
    })
    stream.on('end', () => {
      if (rest !== '') batch.push(rest)
      flush()
    })
    stream.on('error', () => undefined)
  }
}
