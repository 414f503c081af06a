/**
 * The contract between the wire layer and the services: a service's API is the SDK's own schema of it and a
 * table of operations, typed by the SDK's input and output types. The wire layer finds the operation, reads the
 * principal, decodes the input, encodes the output or the error, for every protocol the SDK speaks.
 *
 * An operation that AWS has and the table has not is refused by name (`NotImplemented`, HTTP 501).
 */
import type { IncomingMessage } from 'node:http'
import type { AwsError } from '../aws-error.ts'
import type { Principal } from './signature/verify.ts'

/** Who calls, and how. */
export interface Call {
  readonly operation: string
  readonly requestId: string
  readonly principal: Principal
  readonly region: string
  /** Raw request, for operations that stream. */
  readonly request: IncomingMessage
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
  readonly protocol: 'json-1.0' | 'json-1.1' | 'query' | 'ec2' | 'rest-xml' | 'rest-json'
  /** A package that takes long to load, as EC2's does, is a function: it is loaded at the first call. */
  readonly sdk: SdkPackage | (() => Promise<SdkPackage>)
  /** Version of the API in a Query form, for a service that is loaded late: it finds unsigned calls. */
  readonly version?: string
  readonly operations: Readonly<Record<string, OperationHandler>>
  /** Operations that the emulator does not have, each with the reason for the caller. */
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
