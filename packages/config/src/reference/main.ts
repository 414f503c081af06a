/** Writes docs/reference/configuration.md, platform-input.ts and service-input.ts: `npm run docs`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inputTypeSources } from './input-type.ts'
import { configurationPage } from './markdown.ts'
import { platformOptions } from './options.ts'

/** The files as they should be now, by path. */
export function configurationReference(): ReadonlyMap<string, string> {
  const options = platformOptions()
  const sources = inputTypeSources(options)
  return new Map([
    [path('../../../../docs/reference/configuration.md'), configurationPage(options)],
    [path('../platform-input.ts'), sources.platform],
    [path('../service-input.ts'), sources.services],
  ])
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}

if (import.meta.main) {
  for (const [file, text] of configurationReference()) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
