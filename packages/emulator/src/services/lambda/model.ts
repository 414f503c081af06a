/** What Lambda keeps of a function: its configuration, its code, what was published of it. */

/** One version of a function: `$LATEST` or a published one, which never changes. */
export interface FunctionVersion {
  readonly version: string
  readonly handler: string
  readonly runtime: string
  readonly role: string
  readonly description: string
  readonly timeoutSeconds: number
  readonly memoryMiB: number
  readonly architectures: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly logGroup: string
  readonly codeSha256: string
  readonly codeSize: number
  readonly codeDirectory: string
  readonly modifiedAt: number
}

export interface LambdaFunction {
  readonly name: string
  readonly arn: string
  readonly latest: FunctionVersion
  /** In order of publication. */
  readonly published: readonly FunctionVersion[]
  /** Version by alias. */
  readonly aliases: Readonly<Record<string, { readonly version: string; readonly description: string }>>
  /** By qualifier. */
  readonly eventInvokeConfigs?: Readonly<Record<string, EventInvokeConfig>>
}

/** How events are retried whose function fails. */
export interface EventInvokeConfig {
  readonly maximumRetryAttempts: number
  readonly maximumEventAgeSeconds: number
  readonly modifiedAt: number
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html */
export const defaultEventInvokeConfig: EventInvokeConfig = {
  maximumRetryAttempts: 2,
  maximumEventAgeSeconds: 6 * 60 * 60,
  modifiedAt: 0,
}

/** Runtimes that this emulator runs; they all run on the Node.js of the emulator itself. */
export const runtimes = ['nodejs20.x', 'nodejs22.x', 'nodejs24.x']

/** A function's name and qualifier, from any of the forms in which AWS takes it. */
export function parseFunctionName(given: string): { name: string; qualifier: string | undefined } {
  const arn = /^(?:arn:[^:]+:lambda:[^:]*:)?(?:\d{12}:)?(?:function:)?([^:]+)(?::([^:]+))?$/.exec(given)
  return { name: arn?.[1] ?? given, qualifier: arn?.[2] }
}

/** The version that a qualifier names: a version, an alias, or `$LATEST` when there is none. */
export function versionOf(found: LambdaFunction, qualifier: string | undefined): FunctionVersion | undefined {
  if (qualifier === undefined || qualifier === '$LATEST') return found.latest
  const named = found.aliases[qualifier]?.version ?? qualifier
  return named === '$LATEST' ? found.latest : found.published.find(({ version }) => version === named)
}
