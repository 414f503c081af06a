/** Files beside the synthesized one of a stack: what only one destination, or one run, needs. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Writes them as JSON, by name; undefined deletes what an earlier run may have left. */
export async function placeFiles(
  folder: string,
  files: Readonly<Record<string, object | undefined>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) await rm(join(folder, name), { force: true })
    else await writeFile(join(folder, name), `${JSON.stringify(content, null, 2)}\n`)
  }
}
