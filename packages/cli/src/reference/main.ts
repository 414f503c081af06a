/** Writes docs/reference/commands.md: `npm run docs`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commandsPage } from './commands-page.ts'

/** Where the page is. */
export const commandsFile = fileURLToPath(new URL('../../../../docs/reference/commands.md', import.meta.url))

if (import.meta.main) {
  mkdirSync(dirname(commandsFile), { recursive: true })
  writeFileSync(commandsFile, await commandsPage())
}
