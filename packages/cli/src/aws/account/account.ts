/** The AWS account of the caller: shown before any question, because the wrong one is an easy mistake. */
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { Platform } from '@baton/config'
import { UsageError } from '../../usage-error.ts'
import { type AwsClients, awsClients } from './clients.ts'

export interface Account {
  readonly id: string
  /** ARN of the caller. */
  readonly arn: string
}

export async function identify({ sts }: Pick<AwsClients, 'sts'>): Promise<Account> {
  const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}))
  return { id: Account, arn: Arn }
}

/** Throws `UsageError` where the credentials are those of another account than the configuration names. */
export async function requireAccount(platform: Platform): Promise<void> {
  if (platform.account === undefined) return
  const clients = awsClients(platform)
  try {
    const { id, arn } = await identify(clients)
    if (id === platform.account) return
    throw new UsageError(
      `The credentials are those of the account ${id} (${arn}); ${platform.name} is in ${platform.account}.`,
      'Sign in to that account (AWS_PROFILE), and run the command again.',
    )
  } finally {
    clients.close()
  }
}
