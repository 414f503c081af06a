/**
 * The log of the emulator's process: what it writes to standard error, which its parent leads to `emulator.log`. On a
 * full disk a line is lost and nothing else happens. Node's own console would end its stream with an error that no one
 * handles; the handler of uncaught exceptions would log that, and so on, without end.
 */
import { Console } from 'node:console'
import { writeSync } from 'node:fs'
import { Writable } from 'node:stream'

const standardError = 2

/** Leads `console` to standard error, line by line, so that lines are written again when there is space again. */
export function openProcessLog(): void {
  const lines = new Writable({
    decodeStrings: false,
    write(text, _encoding, done) {
      try {
        writeSync(standardError, text)
      } catch {
        // The disk is full, or the terminal has been closed.
      }
      done()
    },
  })
  globalThis.console = new Console(lines)
  // Warnings of Node itself.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}
