/** The AWS account of the caller: shown before any question, because the wrong one is an easy mistake. */
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { AwsClients } from './clients.ts'

export interface Account {
  readonly id: string
  /** ARN of the caller. */
  readonly arn: string
}

export async function identify({ sts }: Pick<AwsClients, 'sts'>): Promise<Account> {
  const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}))
  return { id: Account, arn: Arn }
}
