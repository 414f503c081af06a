/** A folder for what is unpacked, with files beside it that must stay as they are. */
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve, sep } from 'node:path'
import { Finding } from '../target.ts'

export interface Box extends AsyncDisposable {
  /** What is unpacked belongs below here. */
  readonly inside: string
  /** For the inputs of a case. */
  readonly input: string
  /** Fails when something beside the folder changed, or a link below it leads out. Empties the folder. */
  check(): Promise<void>
}

export async function openBox(): Promise<Box> {
  const parent = await realpath(await mkdtemp(join(tmpdir(), 'baton-fuzz-box-')))
  const [inside, input] = [join(parent, 'inside'), join(parent, 'input')]
  await mkdir(inside)
  await mkdir(input)
  await writeFile(join(parent, 'canary'), 'alive')
  return {
    inside,
    input,
    async check() {
      const beside = (await readdir(parent)).sort().join(' ')
      if (beside !== 'canary input inside') throw new Finding(`beside the folder there is now: ${beside}`)
      if ((await readFile(join(parent, 'canary'), 'utf8')) !== 'alive')
        throw new Finding('a file beside the folder changed')
      await linksStay(inside, inside)
      await rm(inside, { recursive: true, force: true })
      await mkdir(inside)
    },
    async [Symbol.asyncDispose]() {
      await rm(parent, { recursive: true, force: true })
    },
  }
}

async function linksStay(folder: string, root: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const stats = await lstat(path)
    if (stats.isDirectory()) await linksStay(path, root)
    else if (stats.isSymbolicLink()) {
      // Where a link leads to nothing, its text decides.
      const to = await realpath(path).catch(async () => resolve(folder, await readlink(path)))
      if (to !== root && !to.startsWith(root + sep)) throw new Finding(`a link leads out: ${path} to ${to}`)
    } else if (!stats.isFile()) throw new Finding(`${path} is no plain file`)
  }
}
