/**
 * An executable jar as the layers of an image. A Spring Boot jar becomes several, so that an edit of the application
 * moves the application only; any other is one layer, and runs as it is.
 */
import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { BuildError } from '../build-error.ts'
import type { LayerFiles } from '../layer.ts'
import { openArchive } from './archive.ts'
import { bootLayers, isBootJar } from './boot-jar.ts'
import { parseManifest } from './manifest.ts'

export interface JarLayer {
  /** As Spring Boot names it: `dependencies`, `application`. */
  readonly name: string
  readonly files: LayerFiles
  /** Whether most of it is compressed already, as libraries are. */
  readonly isCompressed: boolean
}

/**
 * Layers of the jar below `root`, lowest first; `java -jar ROOT/app.jar` starts it. Throws, with the fix, for what is no
 * executable jar, and for one that is compiled for a newer Java than `javaVersion`.
 */
export async function jarLayers(
  path: string,
  root: string,
  javaVersion: number,
): Promise<readonly JarLayer[]> {
  using archive = await openArchive(path)
  const text = await archive.read('META-INF/MANIFEST.MF')
  if (text === undefined)
    throw new BuildError(
      `${path} is no executable jar: it has no META-INF/MANIFEST.MF`,
      'Name the jar that `java -jar` starts.',
    )
  const manifest = parseManifest(text.toString())
  const mainClass = manifest.get('Main-Class')
  if (mainClass === undefined)
    throw new BuildError(
      `${path} is no executable jar: its manifest has no Main-Class`,
      'Build one with the Spring Boot plugin (`repackage`, `bootJar`), or name the main class where the jar is made.',
    )
  const isBoot = isBootJar(manifest, archive.names)
  const started = isBoot
    ? `${manifest.get('Spring-Boot-Classes') ?? 'BOOT-INF/classes/'}${manifest.get('Start-Class')}`
    : mainClass
  const compiledFor = javaOf(await archive.read(`${started.replaceAll('.', '/')}.class`))
  if (compiledFor > javaVersion)
    throw new BuildError(
      `${path} is compiled for Java ${compiledFor}, and \`javaVersion\` is ${javaVersion}`,
      `Set \`javaVersion: ${compiledFor}\` or a later one, or compile for Java ${javaVersion}.`,
    )
  const below = (files: ReadonlyMap<string, Uint8Array>) =>
    new Map([...files].map(([name, content]) => [posix.join(root, name), content]))
  if (!isBoot) {
    const files = new Map([['app.jar', await readFile(path)]])
    return [{ name: 'application', files: below(files), isCompressed: true }]
  }
  return (await bootLayers(archive, manifest)).map(({ name, files }) => ({
    name,
    files: below(files),
    isCompressed: !files.has('app.jar'),
  }))
}

/** Version of Java from the head of a class: 52 is 8, and each release adds one. */
function javaOf(content: Buffer | undefined): number {
  return content !== undefined && content.length > 8 && content.readUInt32BE(0) === 0xcafebabe
    ? content.readUInt16BE(6) - 44
    : 0
}
