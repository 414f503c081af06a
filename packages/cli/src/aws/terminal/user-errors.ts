/** Errors of Terraform and of AWS as users read them: what, where, and how to fix it. */
import { TerraformError } from '@baton/terraform'
import { UsageError } from '../../usage-error.ts'

/** Runs `work`; an error that the user can act on is thrown again as `UsageError`. */
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
  if (signInErrors.has(error.name)) {
    return withCause(
      new UsageError(
        `There are no valid AWS credentials: ${error.message}`,
        'Sign in (AWS_PROFILE, `aws sso login`, or the role of the pipeline) and run the command again.',
      ),
      error,
    )
  }
  if ('$fault' in error) {
    return withCause(
      new UsageError(
        `AWS refused: ${error.name}: ${error.message}`,
        'Check the account, the region and your permissions; then run the command again, it continues from there.',
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
