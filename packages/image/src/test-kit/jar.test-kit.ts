/** For tests: jars as Spring Boot's plugins and plain `jar` write them, without Java. */
import { writeFile } from 'node:fs/promises'
import { type Zippable, zipSync } from 'fflate'

export interface TestJar {
  /** Version of Spring Boot; its loader moved with 3.2. */
  readonly boot?: '2.7.18' | '3.5.8'
  /** Content of the application's only class, after a head that says for which Java it was compiled. */
  readonly code?: string
  readonly javaVersion?: number
  readonly libraries?: Readonly<Record<string, string>>
  /** Whether Spring Boot's indexes are there, which it writes since 2.3. */
  readonly indexes?: boolean
  /** More files, or others in place of those. */
  readonly files?: Readonly<Record<string, string>>
  readonly builtAt?: Date
}

/** Writes a Spring Boot jar; returns its path. */
export async function writeBootJar(path: string, jar: TestJar = {}): Promise<string> {
  const {
    boot = '3.5.8',
    libraries = { 'web-6.2.jar': 'web', 'core-1-SNAPSHOT.jar': 'core' },
    indexes = true,
  } = jar
  const loader = boot < '3' ? 'org/springframework/boot/loader/' : 'org/springframework/boot/loader/launch/'
  const paths = Object.keys(libraries).map((name) => `BOOT-INF/lib/${name}`)
  const files: Record<string, string | Uint8Array> = {
    'META-INF/MANIFEST.MF': [
      'Manifest-Version: 1.0',
      'Implementation-Version: 1',
      `Main-Class: ${loader.replaceAll('/', '.')}JarLauncher`,
      'Start-Class: demo.App',
      `Spring-Boot-Version: ${boot}`,
      'Spring-Boot-Classes: BOOT-INF/classes/',
      'Spring-Boot-Lib: BOOT-INF/lib/',
      '',
      '',
    ].join('\r\n'),
    [`${loader}JarLauncher.class`]: 'loader',
    'META-INF/services/java.nio.file.spi.FileSystemProvider':
      'org.springframework.boot.loader.nio.file.NestedFileSystemProvider',
    'META-INF/maven/demo/pom.properties': 'version=1',
    'BOOT-INF/classes/demo/App.class': classFile(jar.javaVersion ?? 17, jar.code ?? 'one'),
    'BOOT-INF/classes/application.yml': 'a: b',
    ...Object.fromEntries(
      Object.entries(libraries).map(([name, content]) => [`BOOT-INF/lib/${name}`, content]),
    ),
    ...(indexes && {
      'BOOT-INF/classpath.idx': `${paths
        .toReversed()
        .map((each) => `- "${each}"`)
        .join('\n')}\n`,
      'BOOT-INF/layers.idx': layersIndex(paths),
    }),
    ...jar.files,
  }
  return write(path, files, jar.builtAt)
}

/** Writes a jar of these files; returns its path. */
export async function write(
  path: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  builtAt = new Date(2026, 1, 1),
): Promise<string> {
  // Libraries are stored in a jar of Spring Boot's, and all else is compressed.
  const contents: Zippable = {}
  for (const [name, content] of Object.entries(files))
    contents[name] = [Buffer.from(content), { level: name.endsWith('.jar') ? 0 : 6 }]
  await writeFile(path, zipSync(contents, { mtime: builtAt }))
  return path
}

/** A class as its head says it: the version of Java. What follows is no code. */
export function classFile(javaVersion: number, code: string): Uint8Array {
  return Buffer.concat([Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 44 + javaVersion]), Buffer.from(code)])
}

function layersIndex(paths: readonly string[]): string {
  const lines = (snapshots: boolean) =>
    paths.filter((each) => each.includes('SNAPSHOT') === snapshots).map((each) => `  - "${each}"`)
  return [
    '- "dependencies":',
    ...lines(false),
    '- "spring-boot-loader":',
    '  - "org/"',
    '- "snapshot-dependencies":',
    ...lines(true),
    '- "application":',
    '  - "BOOT-INF/classes/"',
    '  - "BOOT-INF/classpath.idx"',
    '  - "BOOT-INF/layers.idx"',
    '  - "META-INF/"',
    '',
  ].join('\n')
}
