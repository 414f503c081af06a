#!/usr/bin/env node
/**
 * The `baton` command. Its sources are TypeScript, which Node runs directly from version 24 on. An older Node starts the
 * one that is installed as a dependency. What is imported here by name must exist in Node 20: an older Node refuses the
 * whole file for one unknown name.
 */
import { spawn } from 'node:child_process'
import * as modules from 'node:module'
import { fileURLToPath } from 'node:url'
import { compileCacheFolder } from './compile-cache.js'
import { installedNode } from './node-packages.js'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Types are stripped and code is compiled once, not at every start. The processes that it starts inherit the variable.
  const cache = process.env.NODE_COMPILE_CACHE ?? compileCacheFolder()
  if (cache !== undefined) {
    process.env.NODE_COMPILE_CACHE = cache
    modules.enableCompileCache()
  }
  await import(main)
} else {
  handOver()
}

function handOver() {
  const node = installedNode()
  if (node === undefined) return refuse()
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('error', refuse)
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0)
  })
}

function refuse() {
  console.error(
    `Baton needs Node.js 24 or later; this is ${process.version}.\nFix: Install it (https://nodejs.org), or run npm ci without --omit=optional.`,
  )
  process.exitCode = 1
}
