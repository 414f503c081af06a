/**
 * The one pointer by which a site is released: a key of the KeyValueStore that holds the current release's id.
 * The switch is atomic in the store (`UpdateKeys` under `If-Match`) and reaches the edges within seconds.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_kvs_UpdateKeys.html
 */
import {
  ConflictException,
  DescribeKeyValueStoreCommand,
  GetKeyCommand,
  ResourceNotFoundException,
  UpdateKeysCommand,
} from '@aws-sdk/client-cloudfront-keyvaluestore'
import type { SiteManifest } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import type { Clock } from '../clock.ts'
import { ReleaseError } from '../release-error.ts'

/** The pointer's value before the first release. */
const noRelease = 'none'

/** Id of the current release; undefined before the first. */
export async function currentRelease(clients: Clients, manifest: SiteManifest): Promise<string | undefined> {
  try {
    const { Value } = await clients.keyValueStore.send(
      new GetKeyCommand({ KvsARN: manifest.keyValueStoreArn, Key: manifest.pointerKey }),
    )
    return Value === noRelease ? undefined : Value
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined
    throw error
  }
}

/**
 * Points the site at a release. Others write to the same store, all sites of a roll-out at once, so a conflict is tried
 * again after a random moment; throws `pointer-conflict` after ten.
 */
export async function switchTo(
  clients: Clients,
  manifest: SiteManifest,
  release: string,
  clock: Clock,
): Promise<void> {
  const KvsARN = manifest.keyValueStoreArn
  for (let attempt = 1; ; attempt++) {
    const { ETag } = await clients.keyValueStore.send(new DescribeKeyValueStoreCommand({ KvsARN }))
    try {
      await clients.keyValueStore.send(
        new UpdateKeysCommand({
          KvsARN,
          IfMatch: ETag,
          Puts: [{ Key: manifest.pointerKey, Value: release }],
        }),
      )
      return
    } catch (cause) {
      if (!(cause instanceof ConflictException) || attempt === 10) {
        if (!(cause instanceof ConflictException)) throw cause
        throw new ReleaseError(
          'pointer-conflict',
          `The pointer of ${manifest.host} could not be switched: others kept writing to the store.`,
          'Release again; what was uploaded is still there.',
          { cause },
        )
      }
    }
    await clock.sleep(Math.random() * attempt * 500)
  }
}
