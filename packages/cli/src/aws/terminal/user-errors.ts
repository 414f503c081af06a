/** Failures of Terraform and refusals of AWS as users read them: what, where, and how to fix it. */
import { RegistryError } from '@baton/image'
import { TerraformError } from '@baton/terraform'
import { UsageError } from '../../failure.ts'

/** Runs `work`; what it throws comes out as `UsageError` where somebody can do something about it. */
export async function withUserErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toUserError(error)
  }
}

export function toUserError(error: unknown): unknown {
  if (error instanceof TerraformError) return withCause(new UsageError(error.message, error.fix), error)
  if (!(error instanceof Error)) return error
  if (error instanceof RegistryError) {
    return withCause(
      new UsageError(
        error.message,
        'Check the name of the image and the way to its registry; then run the command again.',
      ),
      error,
    )
  }
  if (signInErrors.has(error.name)) {
    return withCause(
      new UsageError(
        `AWS does not know who asks: ${error.message}`,
        'Sign in (AWS_PROFILE, `aws sso login`, or the role of the pipeline) and run the command again.',
      ),
      error,
    )
  }
  if ('$fault' in error) {
    return withCause(
      new UsageError(
        `AWS refused: ${error.name}: ${error.message}`,
        'Check the account, the region and the permissions of who asks; then run the command again, it goes on from there.',
      ),
      error,
    )
  }
  return error
}

const signInErrors = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'TokenProviderError',
])

function withCause(error: UsageError, cause: unknown): UsageError {
  error.cause = cause
  return error
}
