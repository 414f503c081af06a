/** Sites of one page and one chunk, built in no time: for journeys to which it does not matter what else is in a site. */
import { join } from 'node:path'
import type { Input } from './workspace.ts'

const page = [
  '<!doctype html><html>',
  '<meta name="app-version" content="$VITE_APP_VERSION">',
  '<script type="module" src="/assets/app-$VITE_APP_VERSION.js"></script>',
  '</html>',
].join('')

/** The same platform with such sites, built below `root`. Each version has a chunk of its own. */
export function plainSites(root: string, input: Input): Input {
  const sites = Object.entries(input.sites ?? {}).map(([name, site]) => {
    const output = join(root, 'plain', name)
    const command = [
      `rm -rf ${output} && mkdir -p ${output}/assets`,
      `echo "${page.replaceAll('"', '\\"')}" > ${output}/index.html`,
      `echo "export default '$VITE_APP_VERSION'" > ${output}/assets/app-$VITE_APP_VERSION.js`,
    ].join(' && ')
    return [name, { ...site, build: { command, output } }]
  })
  return { ...input, sites: Object.fromEntries(sites) }
}
