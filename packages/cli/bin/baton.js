#!/usr/bin/env node
/**
 * The `baton` command. Its sources are TypeScript, which Node runs directly from version 24 on. An older Node starts the
 * one that is installed as a dependency. What is imported here by
 * name must exist in Node 20: an older Node refuses the whole file for one unknown name.
 */
import { spawn } from 'node:child_process'
import * as modules from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Types are stripped and code is compiled once, not at every start; the processes that it starts know of it too.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'baton-compile-cache')
  modules.enableCompileCache()
  await import(main)
} else {
  handOver()
}

function handOver() {
  const node = dependency()
  if (node === undefined) return refuse()
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('error', refuse)
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0)
  })
}

/** The Node.js that npm installed beside Baton; undefined where it did not. */
function dependency() {
  try {
    return join(dirname(modules.createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node')
  } catch {
    return undefined
  }
}

function refuse() {
  console.error(`Baton needs Node.js 24 or later; this is ${process.version}. Install it, or run npm ci.`)
  process.exitCode = 1
}
