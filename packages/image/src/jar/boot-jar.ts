/**
 * A Spring Boot jar taken apart for layers: its libraries as they are, and the application as a jar of its own whose
 * class path names them. It is what `java -Djarmode=tools -jar app.jar extract` makes since Spring Boot 3.3, and needs no
 * class loader of Spring Boot's, so it is right for every version.
 * https://docs.spring.io/spring-boot/reference/packaging/efficient.html
 */
import { zipSync } from 'fflate'
import type { Archive } from './archive.ts'
import { type JarManifest, manifestBytes } from './manifest.ts'

export interface BootLayer {
  readonly name: string
  /** Content by path below the folder of the application: `lib/…`, `app.jar`. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** Whether the jar is started by the launcher whose class path is the jar's own content, and by nothing else. */
export function isBootJar(manifest: JarManifest, names: readonly string[]): boolean {
  const launchers = [
    'org.springframework.boot.loader.JarLauncher',
    'org.springframework.boot.loader.launch.JarLauncher',
  ]
  // A signature covers the manifest, which would change.
  const isSigned = names.some((name) => /^META-INF\/[^/]+\.(SF|RSA|DSA|EC)$/.test(name))
  return launchers.includes(manifest.get('Main-Class') ?? '') && manifest.has('Start-Class') && !isSigned
}

/** The layers in the jar's own order, those that rarely change first. Layers with nothing in them are left out. */
export async function bootLayers(archive: Archive, manifest: JarManifest): Promise<readonly BootLayer[]> {
  const libraries = archive.names.filter(
    (name) => name.startsWith(libFolder(manifest)) && name.endsWith('.jar'),
  )
  const layers = await layersOf(archive, manifest)
  const files = new Map(layers.map(({ name }) => [name, new Map<string, Uint8Array>()]))
  const into = (entry: string, path: string, content: Uint8Array) => {
    const layer = layers.find(({ paths }) => paths.some((each) => covers(each, entry))) ?? layers.at(-1)
    files.get(layer?.name ?? '')?.set(path, content)
  }
  for (const name of libraries)
    into(name, `lib/${fileName(name)}`, (await archive.read(name)) ?? Buffer.alloc(0))
  const jar = await applicationJar(archive, manifest, await classPath(archive, manifest, libraries))
  into(classesFolder(manifest), 'app.jar', jar)
  return [...files].flatMap(([name, held]) => (held.size > 0 ? [{ name, files: held }] : []))
}

const libFolder = (manifest: JarManifest) => manifest.get('Spring-Boot-Lib') ?? 'BOOT-INF/lib/'
const classesFolder = (manifest: JarManifest) => manifest.get('Spring-Boot-Classes') ?? 'BOOT-INF/classes/'
const fileName = (path: string) => path.slice(path.lastIndexOf('/') + 1)
const covers = (pattern: string, entry: string) =>
  pattern.endsWith('/') ? entry.startsWith(pattern) : pattern === entry

interface NamedLayer {
  readonly name: string
  /** Paths in the jar; one that ends with `/` is a folder. The first layer that names an entry has it. */
  readonly paths: readonly string[]
}

/** From `layers.idx`, which Spring Boot writes since 2.3; before that, snapshots apart from other libraries. */
async function layersOf(archive: Archive, manifest: JarManifest): Promise<readonly NamedLayer[]> {
  const index = await archive.read(manifest.get('Spring-Boot-Layers-Index') ?? 'BOOT-INF/layers.idx')
  const layers: { name: string; paths: string[] }[] = []
  for (const [, indent, value = ''] of index?.toString().matchAll(/^( *)- "([^"]*)":?$/gm) ?? []) {
    if (indent === '') layers.push({ name: value, paths: [] })
    else layers.at(-1)?.paths.push(value)
  }
  if (layers.length > 0) return layers
  const isSnapshot = (name: string) => name.startsWith(libFolder(manifest)) && name.endsWith('-SNAPSHOT.jar')
  return [
    { name: 'snapshot-dependencies', paths: archive.names.filter(isSnapshot) },
    { name: 'dependencies', paths: [libFolder(manifest)] },
    { name: 'application', paths: [] },
  ]
}

/** In the order of `classpath.idx`, since the first class of a name counts; then libraries that it does not list. */
async function classPath(
  archive: Archive,
  manifest: JarManifest,
  libraries: readonly string[],
): Promise<readonly string[]> {
  const index = await archive.read(manifest.get('Spring-Boot-Classpath-Index') ?? 'BOOT-INF/classpath.idx')
  const listed = [...(index?.toString().matchAll(/^ *- "([^"]*)"$/gm) ?? [])].map(([, path = '']) => path)
  // Some builds name the files without their folder.
  const named = listed.map((path) => libraries.find((each) => each === path || fileName(each) === path))
  return [...new Set([...named.filter((each) => each !== undefined), ...libraries])]
}

/** Times are those that every time zone writes alike, and nothing is compressed: the layer is. */
async function applicationJar(
  archive: Archive,
  manifest: JarManifest,
  libraries: readonly string[],
): Promise<Uint8Array> {
  const files = new Map<string, Uint8Array>()
  const add = async (name: string, entry: string) => {
    const content = await archive.read(entry)
    if (content !== undefined) files.set(name, content)
  }
  for (const name of archive.names) if (isKept(name)) await add(name, name)
  const classes = classesFolder(manifest)
  for (const name of archive.names) if (name.startsWith(classes)) await add(name.slice(classes.length), name)
  const sorted = [...files].sort(([one], [other]) => (one < other ? -1 : 1))
  const mtime = new Date(1980, 1, 1)
  return zipSync(
    {
      'META-INF/MANIFEST.MF': manifestBytes(extracted(manifest, libraries)),
      ...Object.fromEntries(sorted.filter(([name]) => name !== 'META-INF/MANIFEST.MF')),
    },
    { level: 0, mtime, os: 3, attrs: 0o644 << 16 },
  )
}

/** What describes the application, such as its Maven coordinates; not what Spring Boot's own loader needs. */
function isKept(name: string): boolean {
  return name.startsWith('META-INF/') && name !== 'META-INF/services/java.nio.file.spi.FileSystemProvider'
}

function extracted(manifest: JarManifest, libraries: readonly string[]): JarManifest {
  const own = ['Main-Class', 'Start-Class', 'Class-Path']
  const kept = [...manifest].filter(
    ([name]) => !own.includes(name) && (!name.startsWith('Spring-Boot-') || name === 'Spring-Boot-Version'),
  )
  const paths = libraries.map((each) => `lib/${fileName(each).replaceAll('%', '%25').replaceAll(' ', '%20')}`)
  return new Map([
    ...kept,
    ['Main-Class', manifest.get('Start-Class') ?? ''],
    ...(paths.length > 0 ? [['Class-Path', paths.join(' ')] as const] : []),
  ])
}
