/**
 * The house rules that a machine can check: size, boundaries between packages, banned words with what to write
 * instead, files that nothing uses. A rule that is broken names the file, the reason and the mend.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Tracked and new files, so that the rules hold before a commit too. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 << 20,
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)))

const sources = files
  .filter((file) => /\.(ts|tsx|js|css)$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

const isTest = (file: string) => /\.test\.tsx?$/.test(file) || file.startsWith('test/')

const limit = 500
const aim = 300

test(`no source file is longer than ${limit} lines; past ${aim} it says on top why one idea needs them`, () => {
  const long = sources
    .map(({ file, text }) => ({ file, text, lines: text.split('\n').length - 1 }))
    .filter(
      ({ file, text, lines }) =>
        lines > limit || (lines > aim && !isTest(file) && !/one idea/i.test(text.slice(0, 1_500))),
    )
    .map(({ file, lines }) => `${file}: ${lines} lines; split it by idea`)
  assert.deepEqual(long, [])
})

const banned: readonly { pattern: RegExp; instead: string }[] = [
  { pattern: /\bTODO\b|\bFIXME\b|\bXXX\b/, instead: 'do it, or name it as a gap where users read of gaps' },
  { pattern: /@ts-(ignore|nocheck|expect-error)/, instead: 'a type that is right' },
  { pattern: /\b(test|describe|it)\.only\(/, instead: 'run one file by its name: npm test -- name' },
  { pattern: /\bclass \w+(Manager|Helper|Util)\b/, instead: 'the noun for what it holds' },
]

test('banned words are not used', () => {
  const found = sources
    .filter(({ file }) => file !== 'test/tidy.test.ts')
    .flatMap(({ file, text }) =>
      banned
        .filter(({ pattern }) => pattern.test(text))
        .map(({ pattern, instead }) => `${file}: ${pattern.source}; instead: ${instead}`),
    )
  assert.deepEqual(found, [])
})

test('no folder or file is called utils, helpers, shared, common or misc among the packages', () => {
  const vague = files.filter((file) =>
    /^packages\/.*\b(utils?|helpers?|shared|common|misc)\b(\.ts|\/)/.test(file),
  )
  assert.deepEqual(vague, [])
})

test('what tests share is called *.test-kit.ts', () => {
  const likeProduct = files.filter((file) =>
    /(^|[/-])(testing|fixtures?|mocks?|stubs?)[^/]*(?<!\.test-kit)\.ts$/.test(file),
  )
  assert.deepEqual(likeProduct, [])
})

interface Package {
  name: string
  folder: string
  dependencies: Record<string, string>
}

const packages: Package[] = files
  .filter((file) => /^(packages|apps)\/[^/]+\/package\.json$/.test(file))
  .map((file) => {
    const {
      name,
      dependencies = {},
      devDependencies = {},
    } = JSON.parse(readFileSync(join(root, file), 'utf8'))
    return { name, folder: dirname(file), dependencies: { ...dependencies, ...devDependencies } }
  })

/** Who may import whom: the table of docs/architecture.md. */
const arrows: Record<string, readonly string[]> = {
  '@baton/config': [],
  '@baton/image': [],
  '@baton/emulator': [],
  '@baton/terraform': [],
  '@baton/infra': ['@baton/config'],
  '@baton/release': ['@baton/config', '@baton/image'],
  '@baton/rehearsal': ['@baton/config', '@baton/image', '@baton/infra', '@baton/emulator', '@baton/release'],
  '@baton/cli': [
    '@baton/config',
    '@baton/image',
    '@baton/infra',
    '@baton/emulator',
    '@baton/rehearsal',
    '@baton/release',
    '@baton/terraform',
  ],
}

test('packages depend on each other only along the arrows of the design', () => {
  const wrong = packages
    .filter(({ name }) => name.startsWith('@baton/'))
    .flatMap(({ name, dependencies }) =>
      Object.keys(dependencies)
        .filter((dependency) => dependency.startsWith('@baton/') && !arrows[name]?.includes(dependency))
        .map((dependency) => `${name} → ${dependency}`),
    )
  assert.deepEqual(wrong, [])
})

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g

function importsOf(text: string): string[] {
  // Code within a template literal is data of a test.
  const code = text.replaceAll(/`[^`]*`/g, '``')
  return [...code.matchAll(importPattern)].flatMap((match) => match[1] ?? match[2] ?? match[3] ?? [])
}

test('a package imports only what its package.json names, and never out of its folder', () => {
  const rootPackage = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const wrong = packages.flatMap(({ name, folder, dependencies }) =>
    sources
      .filter(({ file }) => file.startsWith(`${folder}/`) && /\.tsx?$/.test(file))
      .flatMap(({ file, text }) =>
        importsOf(text).flatMap((specifier) => {
          if (specifier.startsWith('node:')) return []
          if (specifier.startsWith('.')) {
            const target = relative(root, resolve(root, dirname(file), specifier))
            return target.startsWith(`${folder}/`) ? [] : [`${file} reaches out of ${folder}: ${specifier}`]
          }
          const dependency = specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/')
          const known = dependency in dependencies || dependency === name
          const development =
            (isTest(file) || /vite\.config/.test(file)) && dependency in rootPackage.devDependencies
          return known || development
            ? []
            : [`${file} imports ${dependency}, which ${name} does not depend on`]
        }),
      ),
  )
  assert.deepEqual(wrong, [])
})

test('every source file is used: imported, run, or named', () => {
  const everything = files
    .filter(
      (file) => /\.(ts|tsx|js|json|html|md)$|^\.ci\/run$/.test(file) && !file.endsWith('package-lock.json'),
    )
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
  const dead = sources
    .map(({ file }) => file)
    .filter((file) => /^(packages|apps)\/.*(?<!\.config)\.(ts|tsx)$/.test(file) && !isTest(file))
    .filter((file) => {
      const name = file.split('/').at(-1) ?? ''
      return !everything.some(
        (other) =>
          other.file !== file &&
          other.text.includes(
            name === 'index.ts' ? (dirname(file).split('/').at(-1) ?? '') : name.replace(/\.tsx?$/, ''),
          ),
      )
    })
  assert.deepEqual(dead, [])
})

/** A registry's host, or the folder that this checkout happens to lie in. */
const machinePaths = new RegExp(`https?://registry\\.|${RegExp.escape(root)}`)

test('no committed file names a registry, a download address in the lock file, or a folder of one machine', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const resolved = Object.entries<{ resolved?: string }>(lock.packages)
    .filter(([, entry]) => /^https?:/.test(entry.resolved ?? ''))
    .map(([name]) => `package-lock.json: ${name}; set omit-lockfile-registry-resolved=true and lock again`)
  const named = files
    .filter(
      (file) => /\.(ts|tsx|js|json|md|yml|html|css)$|^\.ci\//.test(file) && file !== 'package-lock.json',
    )
    .filter((file) => machinePaths.test(readFileSync(join(root, file), 'utf8')))
    .filter((file) => file !== 'test/tidy.test.ts')
  assert.deepEqual([...resolved, ...named], [])
})
