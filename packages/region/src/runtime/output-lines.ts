/** Turns what a process writes into lines, for the awslogs driver. */
import type { Readable } from 'node:stream'

/** The size of an event that CloudWatch Logs takes, less its overhead; a longer line is cut into several. */
const MAX_LINE = 256 * 1024 - 26

/** Calls `onLines` with the lines of each chunk, and with what is left when a stream ends. */
export function collectLines(
  streams: readonly (Readable | null)[],
  onLines: (lines: readonly string[]) => void,
): void {
  for (const stream of streams) {
    if (!stream) continue
    let rest = ''
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      while (rest.length >= MAX_LINE) {
        lines.push(rest.slice(0, MAX_LINE))
        rest = rest.slice(MAX_LINE)
      }
      if (lines.length > 0) onLines(lines.map((line) => line.replace(/\r$/, '')))
    })
    stream.on('end', () => {
      if (rest !== '') onLines([rest])
    })
    stream.on('error', () => undefined)
  }
}
