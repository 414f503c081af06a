/** Sites of one page and one chunk, built in no time: for journeys to which it does not matter what else is in a site. */
import type { Input } from './workspace.ts'

const page = [
  '<!doctype html><html>',
  '<meta name="app-version" content="$VITE_APP_VERSION">',
  '<script type="module" src="/assets/app-$VITE_APP_VERSION.js"></script>',
  '</html>',
].join('')

const build = {
  command: [
    'cd "$BATON_OUT_DIR" && mkdir assets',
    `echo "${page.replaceAll('"', '\\"')}" > index.html`,
    `echo "export default '$VITE_APP_VERSION'" > assets/app-$VITE_APP_VERSION.js`,
  ].join(' && '),
  output: 'dist',
}

/** The same platform with such sites. Each version has a chunk of its own. */
export function plainSites(input: Input): Input {
  const sites = Object.entries(input.sites ?? {}).map(([name, site]) => [name, { ...site, build }])
  return { ...input, sites: Object.fromEntries(sites) }
}
