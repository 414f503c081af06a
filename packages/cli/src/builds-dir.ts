/** Where builds go, below the state directory: layers by their digest, sites by name and version. */
import { join } from 'node:path'
import type { BuildOptions, OnProgress, SourceOptions } from '@baton/release'

export function sourceOptions(build: {
  readonly stateDir: string
  readonly version: string
  readonly base?: BuildOptions['base']
  readonly architecture?: BuildOptions['architecture']
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: OnProgress | undefined
}): SourceOptions {
  const { stateDir, version, base, architecture, signal, onProgress } = build
  return {
    version,
    cacheDir: join(stateDir, 'cache'),
    sitesDir: join(stateDir, 'sites'),
    ...(base ? { base } : {}),
    ...(architecture ? { architecture } : {}),
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  }
}
