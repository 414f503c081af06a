/**
 * The Java installations of this machine: `JAVA_HOME`, the one on the PATH, and the folders in which systems and version
 * managers put them. A jar runs on the major version that its image has, so that a rehearsal says nothing about another.
 */
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { StoredImage } from '../../../services/ecr/contract.ts'

/** An installation, by its folder. */
export interface JavaHome {
  readonly folder: string
  /** Its major version: 21. */
  readonly version: number
}

/** Where to look: variables of this process, and the user's folder. */
export interface JavaSearch {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly platform: NodeJS.Platform
}

const thisMachine = (): JavaSearch => ({
  environment: process.env,
  home: homedir(),
  platform: process.platform,
})

/** The major version that an image asks for; undefined where it does not say. */
export function javaVersion(image: StoredImage): number | undefined {
  const label = image.config.config?.Labels?.['dev.baton.java-version']
  return label === undefined ? undefined : Number.parseInt(label, 10)
}

/** All installations, in the order in which they are taken; each once. */
export function javaHomes(search: JavaSearch = thisMachine()): JavaHome[] {
  const found = new Map<string, JavaHome>()
  for (const candidate of candidates(search)) {
    const java = installation(candidate)
    if (java && !found.has(java.folder)) found.set(java.folder, java)
  }
  return [...found.values()]
}

/** Of this major version; of any, where none is given. */
export function findJava(version: number | undefined, search?: JavaSearch): JavaHome | undefined {
  return javaHomes(search).find((java) => version === undefined || java.version === version)
}

/** Why there is no Java for an image, and what to do. */
export function javaMissing(version: number | undefined, search: JavaSearch = thisMachine()): Error {
  const wanted = version === undefined ? 'Java' : `Java ${version}`
  const homes = javaHomes(search)
  const found = homes.map((java) => `Java ${java.version} (${java.folder})`).join(', ')
  const install =
    search.platform === 'darwin'
      ? `brew install openjdk${version === undefined ? '' : `@${version}`}`
      : `apt install openjdk-${version ?? 21}-jre-headless`
  return new Error(
    `the jar needs ${wanted} to run as a process of this machine; found: ${found || 'no Java'}. ` +
      `Install it (${install}, or https://adoptium.net), or set JAVA_HOME to it, ` +
      'or run the image in a container: --runtime container.',
  )
}

/** Folders that may be an installation. */
function candidates({ environment, home, platform }: JavaSearch): string[] {
  const onPath = (environment.PATH ?? '').split(delimiter).flatMap((folder) => {
    const java = resolved(join(folder, 'java'))
    return java === undefined ? [] : [dirname(dirname(java))]
  })
  const below = (folder: string, suffix = '') => folders(folder).map((name) => join(folder, name, suffix))
  const system =
    platform === 'darwin'
      ? [
          ...below('/Library/Java/JavaVirtualMachines', 'Contents/Home'),
          ...below(join(home, 'Library/Java/JavaVirtualMachines'), 'Contents/Home'),
          ...below('/opt/homebrew/opt', 'libexec/openjdk.jdk/Contents/Home'),
          ...below('/usr/local/opt', 'libexec/openjdk.jdk/Contents/Home'),
        ]
      : [...below('/usr/lib/jvm'), ...below('/usr/java'), ...below('/opt/java'), ...below('/opt')]
  const managed = [
    '.sdkman/candidates/java',
    '.jdks',
    '.local/share/mise/installs/java',
    '.asdf/installs/java',
  ]
  return [
    ...(environment.JAVA_HOME ? [environment.JAVA_HOME] : []),
    ...onPath,
    ...system,
    ...managed.flatMap((folder) => below(join(home, folder))),
  ]
}

/** Every JDK and JRE since 8 says its version in a file of its folder. */
function installation(candidate: string): JavaHome | undefined {
  const program = resolved(join(candidate, 'bin', 'java'))
  const folder = resolved(candidate)
  if (program === undefined || folder === undefined) return undefined
  try {
    const [, text = ''] = /^JAVA_VERSION="([^"]+)"/m.exec(readFileSync(join(folder, 'release'), 'utf8')) ?? []
    // 1.8.0_432 is Java 8.
    const version = Number.parseInt(text.replace(/^1\./, ''), 10)
    return Number.isNaN(version) ? undefined : { folder, version }
  } catch {
    return undefined
  }
}

function folders(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

function resolved(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
