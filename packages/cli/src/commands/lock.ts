/** `baton lock`: the digests of the base images, which a build keeps to until it is asked for newer ones. */
import { join } from 'node:path'
import type { Platform } from '@baton/config'
import { baseReferences, openBaseLock, wantedImages } from '@baton/release'
import type { Command } from 'commander'
import { nodeImage } from '../node-image.ts'
import { settingsOf } from '../settings.ts'
import { UsageError } from '../usage-error.ts'

interface Options {
  update?: string[] | true
}

export function addLock(program: Command): void {
  program
    .command('lock')
    .summary('lock the base images by digest')
    .description(
      'Writes the digests of the base images, those of Node.js and Java, into baton.lock.json beside the configuration, where they are not there yet. Every build uses them, so commit the file. --update looks them up again.',
    )
    .option('--update [reference...]', 'look up all base images again, or these')
    .addHelpText(
      'after',
      `\nExamples:\n  $ baton lock\n  $ baton lock --update\n  $ baton lock --update ${nodeImage}`,
    )
    .action(async (options: Options, command: Command) => {
      const { stateDir, terminal, ...settings } = settingsOf(command)
      const platform = await settings.platform()
      const lock = openBaseLock(platform.rootDir, join(stateDir, 'cache'))
      const locked = await lock.list()
      const all = referencesOf(platform)
      const asked = Array.isArray(options.update) ? options.update : all
      const unknown = asked.find((each) => !all.includes(each))
      if (unknown !== undefined)
        throw new UsageError(
          `${unknown} is no base image of the configuration.`,
          all.length > 0 ? `Name one of ${all.join(', ')}.` : 'No image of the configuration has a base.',
        )
      const isLocked = (reference: string) => locked.some((each) => each.reference === reference)
      const wanted = options.update ? asked : all.filter((each) => !isLocked(each))
      const images = []
      for (const reference of wanted) images.push(await lock.update({ reference }))
      const changed = images.filter((each) => each.changed)
      terminal.result({ file: lock.file, images: await lock.list(), changed }, describe(lock.file, changed))
    })
}

function referencesOf(platform: Platform): readonly string[] {
  const sources = wantedImages(platform).map(({ source }) => source)
  return baseReferences(sources, { reference: nodeImage })
}

function describe(file: string, changed: readonly { readonly reference: string }[]): string {
  if (changed.length === 0) return `${file} is up to date.`
  const names = changed.map(({ reference }) => reference).join(', ')
  return `${names}: locked in ${file}. Commit the file.`
}
