/** What AWS documents of RDS for PostgreSQL, and the emulator does otherwise or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'creates an instance within minutes',
      page: `${guide}/USER_CreateDBInstance.html`,
      why: 'It is available in about a second.',
    },
    {
      behaviour: 'has the processors, the memory and the storage of its class',
      page: `${guide}/Concepts.DBInstanceClass.html`,
      why: 'The class, the storage and the zones are stored; the server has what this machine has. `fsync` is on.',
    },
  ],
  missing: [
    {
      behaviour: 'runs other engines than PostgreSQL, and each of its major versions',
      page: `${guide}/CHAP_PostgreSQL.html`,
      why: 'Refused by name: only the installed major version of PostgreSQL runs.',
    },
    {
      behaviour: 'takes snapshots, the final one too, and restores them',
      page: `${guide}/USER_CreateSnapshot.html`,
      why: 'A snapshot to restore is refused by name; the final snapshot is not taken.',
    },
    {
      behaviour: 'has read replicas and a standby in another zone',
      page: `${guide}/Concepts.MultiAZ.html`,
      why: 'One server runs; the settings are stored without effect, replicas are refused by name.',
    },
    {
      behaviour: 'authenticates database users by IAM',
      page: `${guide}/UsingWithRDS.IAMDBAuth.html`,
      why: 'Users have passwords only.',
    },
    {
      behaviour: 'exports its logs to CloudWatch Logs',
      page: `${guide}/USER_LogAccess.Procedural.UploadtoCloudWatch.html`,
      why: 'The setting is stored without effect.',
    },
    {
      behaviour: 'is modified through its API',
      page: `https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html`,
      why: 'Refused by name: Terraform alone changes an instance.',
    },
  ],
}
