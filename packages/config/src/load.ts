/** Loads `baton.config.ts`. A mistake in the file is reported as a problem, never as a stack trace. */
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Platform } from './platform.ts'
import { ConfigurationError } from './problems.ts'
import { resolvePlatform } from './resolve.ts'

/** Throws `ConfigurationError`. Paths in the configuration start from the folder of the file. */
export async function loadPlatform(file: string): Promise<Platform> {
  const path = resolve(file)
  const stats = await stat(path).catch(() => undefined)
  if (stats?.isFile() !== true) {
    throw problem(
      stats === undefined ? `there is no file ${path}` : `${path} is not a file`,
      'Write one with definePlatform({ … }), or name it with --config FILE.',
    )
  }
  const module = await importFile(path, stats.mtimeMs)
  if (module.default === undefined) {
    throw problem(`${path} has no default export`, 'Write: export default definePlatform({ … }).')
  }
  return resolvePlatform(module.default, dirname(path))
}

/** The time of the last change is part of the address: a file that was changed is read again. */
async function importFile(path: string, mtimeMs: number): Promise<{ default?: unknown }> {
  try {
    return await import(`${pathToFileURL(path).href}?changed=${mtimeMs}`)
  } catch (error) {
    const { message, place } = describe(error, path)
    throw problem(`${place}: ${message}`, 'Correct the file; it must run by itself.', error)
  }
}

/** Message and place of what an import threw; the place is in the first lines of the stack, if anywhere. */
function describe(error: unknown, path: string): { message: string; place: string } {
  if (!(error instanceof Error)) return { message: String(error), place: path }
  const line = /\.[cm]?[jt]s(?:\?[^:\s]*)?:(\d+)/.exec(error.stack ?? '')?.[1]
  const [message = error.message] = error.message.trim().split('\n')
  return {
    message: message.replace(/\?changed=[\d.]+/g, ''),
    place: line === undefined ? path : `${path}:${line}`,
  }
}

const problem = (message: string, fix: string, cause?: unknown) =>
  new ConfigurationError([{ path: '', message, fix }], cause === undefined ? undefined : { cause })
