#!/usr/bin/env node
/**
 * The `baton` command. Its sources are TypeScript that Node runs as they are, from 24 on; an older Node that
 * happens to be first on the PATH hands over to the one that comes along as a dependency.
 */
import { spawn } from 'node:child_process'
import { createRequire, enableCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Types are stripped and code is compiled once, not at every start; the processes that it starts know of it too.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'baton-compile-cache')
  enableCompileCache()
  await import(main)
} else {
  const node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node')
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('error', () => {
    console.error(`Baton needs Node.js 24 or later; this is ${process.version}. Install it, or run npm ci.`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0)
  })
}
