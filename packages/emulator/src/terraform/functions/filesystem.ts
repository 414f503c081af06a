/**
 * Functions that read files. Relative paths start at the stack's folder, which is where Terraform runs. Terraform reads
 * any file of the machine; the emulator reads only what the synthesis wrote, because the folder may be anyone's who can
 * reach its interface, and what is read ends up in parameters and outputs.
 */
import { createHash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { ExpressionError } from '../model/diagnostics.ts'
import { readStackFile, StackFileError } from '../type/stack-file.ts'
import type { Term } from '../value/term.ts'
import type { FunctionContext, FunctionTable, TerraformFunction } from './arguments.ts'
import { invalid, text } from './arguments.ts'

function read(args: readonly Term[], context: FunctionContext): Buffer {
  const path = text(args, 0)
  return readFile(path, context) ?? invalid(`There is no file "${path}".`)
}

function readFile(path: string, { folder }: FunctionContext): Buffer | undefined {
  try {
    return readStackFile(folder, path)
  } catch (error) {
    if (!(error instanceof StackFileError)) throw error
    throw new ExpressionError('File cannot be read', error.message)
  }
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
    call: (args, context) => readFile(text(args, 0), context) !== undefined,
  },
  filemd5: hashOf('md5', 'hex'),
  filesha1: hashOf('sha1', 'hex'),
  filesha256: hashOf('sha256', 'hex'),
  filesha512: hashOf('sha512', 'hex'),
} satisfies FunctionTable
