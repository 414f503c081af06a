/**
 * Types of an operation table, taken from the SDK's command classes: a service's author names an operation and
 * gets the input and output types that the official client has, so a wrong member or a misspelt operation does
 * not compile.
 *
 * ```ts
 * import * as ecs from '@aws-sdk/client-ecs'
 *
 * const operations = {
 *   DescribeClusters: (input) => ({ clusters: model.describe(input.clusters ?? ['default']) }),
 * } satisfies Operations<typeof ecs>
 * ```
 */
import type { Readable } from 'node:stream'
import type { OperationHandler } from './api.ts'

/** Names of the operations of a client package: `DescribeServices` for the export `DescribeServicesCommand`. */
export type OperationName<Sdk> =
  Extract<keyof Sdk, `${string}Command`> extends `${infer Name}Command` ? Name : never

/** A table of handlers, each typed by its operation; operations that are left out are refused by name. */
export type Operations<Sdk> = {
  readonly [Key in keyof Sdk as Key extends `${infer Name}Command` ? Name : never]?: Handler<Sdk[Key]>
}

/** Reasons for callers of operations that the emulator does not have; a misspelt name does not compile. */
export type Refused<Sdk> = { readonly [Name in OperationName<Sdk>]?: string }

/** One reason for several operations. */
export const because = <Name extends string>(
  reason: string,
  ...names: readonly Name[]
): { readonly [Each in Name]: string } =>
  Object.fromEntries(names.map((name) => [name, reason])) as { [Each in Name]: string }

type Handler<Class> = OperationHandler<ServerInput<CommandInput<Class>>, ServerOutput<CommandOutput<Class>>>

type CommandInput<Class> = Class extends new (
  ...args: never
) => { readonly input: infer Input }
  ? Input
  : never

/** A command tells its output only through the handler that its middleware ends in. */
type CommandOutput<Class> = Class extends new (
  ...args: never
) => { resolveMiddleware(...args: never): (...args: never) => Promise<{ output: infer Output }> }
  ? Output
  : never

/** What streams out of the client streams into the server: `Body` is a Node stream, already de-chunked. */
type ServerInput<Input> = 'Body' extends keyof Input
  ? Omit<Input, 'Body'> & { readonly Body: Readable }
  : Input

/** Members that stream or are blobs may be given as whatever a server has at hand. */
type ServerOutput<Output> = {
  [Key in keyof Output as Exclude<Key, '$metadata'>]: Key extends 'Body' | 'Payload'
    ? Readable | Uint8Array | string | undefined
    : Output[Key]
}
