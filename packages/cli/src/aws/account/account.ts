/** Whose account it is: shown before anything is asked, because the wrong one is an easy mistake. */
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { AwsClients } from './clients.ts'

export interface Account {
  readonly id: string
  /** Who asks. */
  readonly arn: string
}

export async function identify({ sts }: Pick<AwsClients, 'sts'>): Promise<Account> {
  const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}))
  return { id: Account, arn: Arn }
}
