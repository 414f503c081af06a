/**
 * The contract between the wire layer and the services: a service's API is the SDK's own schema of it and a
 * table of operations, typed by the SDK's input and output types. The wire layer finds the operation, reads the
 * principal, decodes the input, encodes the output or the error, for every protocol the SDK speaks.
 *
 * An operation that AWS has and the table has not is refused by name (`NotImplemented`, HTTP 501).
 */
import type { IncomingMessage } from 'node:http'

/** Who calls, and how. */
export interface Call {
  readonly operation: string
  readonly requestId: string
  readonly principal: Principal
  readonly region: string
  /** Raw request, for operations that stream. */
  readonly request: IncomingMessage
}

export interface Principal {
  readonly accessKeyId: string
  /** ARN of the user or assumed role; the account's root for the emulator's own administrator. */
  readonly arn: string
}

// biome-ignore lint/suspicious/noExplicitAny: the operation tables of different clients meet here
export type OperationHandler<Input = any, Output = any> = (
  input: Input,
  call: Call,
) => Output | Promise<Output>

/** The SDK client's package: `import * as ecs from '@aws-sdk/client-ecs'`. */
export type SdkPackage = Readonly<Record<string, unknown>>

export interface ServiceApi {
  /** Name in a SigV4 credential scope: `ecs`, `elasticloadbalancing`, `s3`. */
  readonly signingName: string
  readonly protocol: 'json-1.0' | 'json-1.1' | 'query' | 'rest-xml' | 'rest-json'
  readonly sdk: SdkPackage
  readonly operations: Readonly<Record<string, OperationHandler>>
  /** Operations that the emulator does not have, each with the reason that a caller is told. */
  readonly refused?: Readonly<Record<string, string>>
  /** The service's own error for members that a request must have and lacks; without one, the protocol's. */
  missingMembers?(operation: string, paths: readonly string[]): AwsError | undefined
  /** The largest body that is read whole, in bytes; 1 MiB unless the service takes more. */
  readonly bodyBytesMax?: number
  /** Whether a request without a signature may do this; without it, none may. */
  anonymous?(operation: string, input: Readonly<Record<string, unknown>>): boolean
  /** Headers for a page of another origin that asks for something in a bucket; undefined where no rule admits it. */
  cors?(
    request: { readonly origin: string; readonly method: string; readonly headers: readonly string[] },
    bucket: string,
  ): Readonly<Record<string, string>> | undefined
}

/**
 * An error as AWS gives it on the wire. Each service's `errors.ts` builds its own by exact code, message and
 * status; anything else that is thrown becomes `InternalFailure` (500) and is logged.
 */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  readonly fault: 'client' | 'server'
  /** Further members of the error's shape, e.g. `{ resource: … }`. */
  readonly members: Readonly<Record<string, unknown>>
  constructor(code: string, message: string, status = 400, members: Record<string, unknown> = {}) {
    super(message)
    this.name = 'AwsError'
    this.code = code
    this.status = status
    this.fault = status >= 500 ? 'server' : 'client'
    this.members = members
  }
}
