/** The two applications of the bench, each with one file that an edit changes, and the Dockerfile that a team has for it. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ImageSource } from '../../packages/image/src/source.ts'
import { writeBootJar } from '../../packages/image/src/test-kit/jar.test-kit.ts'

export interface Application {
  readonly name: 'typescript' | 'jar'
  readonly source: ImageSource
  /** Folder with the Dockerfile. */
  readonly folder: string
  /** Changes the application, as someone who works on it does. */
  edit(number: number): Promise<void>
}

const modules = join(import.meta.dirname, '../../node_modules')

/** A web service on Fastify. The Dockerfile copies the dependencies first, so that an edit leaves their layer alone. */
export async function typescriptApplication(directory: string, base: string): Promise<Application> {
  const folder = join(directory, 'typescript')
  mkdirSync(join(folder, 'src'), { recursive: true })
  copyPackage('fastify', join(folder, 'node_modules'), new Set())
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ type: 'module', dependencies: { fastify: '5' } }),
  )
  writeFileSync(
    join(folder, 'Dockerfile'),
    `FROM ${base}\nWORKDIR /app\nCOPY package.json ./\nCOPY node_modules ./node_modules\nCOPY src ./src\nCMD ["node", "src/main.ts"]\n`,
  )
  const edit = async (number: number) =>
    writeFileSync(
      join(folder, 'src', 'main.ts'),
      `import Fastify from 'fastify'\nconst app = Fastify()\napp.get('/', () => 'edit ${number}')\nawait app.listen({ port: Number(process.env.PORT) })\n`,
    )
  await edit(0)
  return { name: 'typescript', source: { kind: 'source', folder, entry: 'src/main.ts' }, folder, edit }
}

/** A Spring Boot jar of 20 MB, most of it libraries, as `mvn package` leaves it. */
export async function jarApplication(directory: string, base: string): Promise<Application> {
  const folder = join(directory, 'jar')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'app.jar')
  writeFileSync(
    join(folder, 'Dockerfile'),
    `FROM ${base}\nWORKDIR /app\nCOPY app.jar ./\nENTRYPOINT ["java", "-jar", "app.jar"]\n`,
  )
  const libraries = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`library-${index}-1.0.jar`, noise(index, 500_000)]),
  )
  const edit = async (number: number) => {
    await writeBootJar(path, { code: `edit ${number}`, libraries, files: classes })
  }
  await edit(0)
  return { name: 'jar', source: { kind: 'jar', path, javaVersion: 17, jvmOptions: [] }, folder, edit }
}

const classes = Object.fromEntries(
  Array.from({ length: 200 }, (_, index) => [
    `BOOT-INF/classes/demo/Part${index}.class`,
    noise(index, 3_000),
  ]),
)

/** What compresses as little as compiled code that is compressed already; the same in every run. */
function noise(seed: number, length: number): string {
  let state = seed + 1
  let text = ''
  while (text.length < length) {
    state = (state * 48_271) % 0x7fffffff
    text += state.toString(36)
  }
  return text
}

/** The package and all that it needs, from this repository's own. */
function copyPackage(name: string, to: string, copied: Set<string>): void {
  if (copied.has(name)) return
  copied.add(name)
  const from = join(modules, name)
  mkdirSync(dirname(join(to, name)), { recursive: true })
  cpSync(from, join(to, name), { recursive: true, dereference: true })
  const { dependencies = {} } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  for (const each of Object.keys(dependencies)) copyPackage(each, to, copied)
}
