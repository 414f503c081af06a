import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { findJava, type JavaSearch, javaHomes, javaMissing } from './find-java.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'baton-java-')))
after(() => rmSync(root, { recursive: true }))

/** A folder that looks like an installation. */
function install(name: string, version: string): string {
  const folder = join(root, name)
  mkdirSync(join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'bin', 'java'), '')
  writeFileSync(join(folder, 'release'), `IMPLEMENTOR="Test"\nJAVA_VERSION="${version}"\n`)
  return folder
}

const search = (environment: JavaSearch['environment'] = {}): JavaSearch => ({
  environment,
  home: join(root, 'home'),
  platform: 'aix',
})

test('finds Java by JAVA_HOME, by the PATH and in the folders of version managers, each once', () => {
  const named = install('named', '17.0.15')
  const onPath = install('on-path', '1.8.0_432')
  const managed = install('home/.sdkman/candidates/java/21.0.5-tem', '21.0.5')
  mkdirSync(join(root, 'bin'))
  symlinkSync(join(onPath, 'bin', 'java'), join(root, 'bin', 'java'))
  symlinkSync(managed, join(root, 'home/.sdkman/candidates/java/current'))
  const where = search({ JAVA_HOME: named, PATH: `${join(root, 'none')}:${join(root, 'bin')}` })
  assert.deepEqual(
    javaHomes(where).filter(({ folder }) => folder.startsWith(root)),
    [
      { folder: named, version: 17 },
      { folder: onPath, version: 8 },
      { folder: managed, version: 21 },
    ],
  )
  assert.equal(findJava(21, where)?.folder, managed)
  assert.equal(findJava(undefined, where)?.folder, named)
  assert.equal(findJava(99, where), undefined)
})

test('a folder that is no installation is passed over', () => {
  mkdirSync(join(root, 'broken', 'bin'), { recursive: true })
  writeFileSync(join(root, 'broken', 'bin', 'java'), '')
  const found = javaHomes(search({ JAVA_HOME: join(root, 'broken') }))
  assert.equal(
    found.some(({ folder }) => folder.includes('broken')),
    false,
  )
})

test('says which Java is needed, which was found, and how to install it', () => {
  const folder = install('eleven', '11.0.2')
  const { message } = javaMissing(99, search({ JAVA_HOME: folder }))
  assert.match(message, /needs Java 99 .*found: Java 11 \(.*eleven\)/)
  assert.match(message, /apt install openjdk-99-jre-headless/)
  assert.match(javaMissing(21, { ...search(), platform: 'darwin' }).message, /brew install openjdk@21/)
})
