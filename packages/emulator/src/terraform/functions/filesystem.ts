/** Functions that read files; relative paths start at the stack's folder, which is where Terraform runs. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { Term } from '../value/term.ts'
import type { FunctionContext, FunctionTable, TerraformFunction } from './arguments.ts'
import { invalid, text } from './arguments.ts'

function read(args: readonly Term[], context: FunctionContext): Buffer {
  const path = resolve(context.folder, text(args, 0))
  if (!existsSync(path)) invalid(`There is no file "${path}".`)
  return readFileSync(path)
}

const hashOf = (algorithm: string, encoding: 'hex' | 'base64'): TerraformFunction => ({
  arity: [1, 1],
  call: (args, context) => createHash(algorithm).update(read(args, context)).digest(encoding),
})

export const filesystemFunctions = {
  basename: { arity: [1, 1], call: (args) => basename(text(args, 0)) || '.' },
  dirname: { arity: [1, 1], call: (args) => dirname(text(args, 0)) },
  file: { arity: [1, 1], call: (args, context) => read(args, context).toString('utf8') },
  filebase64: { arity: [1, 1], call: (args, context) => read(args, context).toString('base64') },
  filebase64sha256: hashOf('sha256', 'base64'),
  filebase64sha512: hashOf('sha512', 'base64'),
  fileexists: {
    arity: [1, 1],
    call: (args, context) =>
      statSync(resolve(context.folder, text(args, 0)), { throwIfNoEntry: false })?.isFile() ?? false,
  },
  filemd5: hashOf('md5', 'hex'),
  filesha1: hashOf('sha1', 'hex'),
  filesha256: hashOf('sha256', 'hex'),
  filesha512: hashOf('sha512', 'hex'),
} satisfies FunctionTable
