/** Sites of a single page that says its version: for journeys to which what is in a site does not matter. */
import { join } from 'node:path'
import type { Input } from './workspace.ts'

/** The same platform, its sites built below `root` in no time. */
export function plainSites(root: string, input: Input): Input {
  const page = '<!doctype html><meta name="app-version" content="%s">'
  const sites = Object.entries(input.sites ?? {}).map(([name, site]) => {
    const output = join(root, 'plain', name)
    const command = `mkdir -p ${output} && printf '${page}' "$VITE_APP_VERSION" > ${output}/index.html`
    return [name, { ...site, build: { command, output } }]
  })
  return { ...input, sites: Object.fromEntries(sites) }
}
